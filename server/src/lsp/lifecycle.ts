import { ErrorCodes, Message, ResponseError, type Connection, type RequestMessage } from 'vscode-languageserver/node';
import { isRecord } from './isRecord.js';

/** How far a session is (LSP 3.17, "Server lifecycle"): before `initialize`, after it, and after `shutdown`. */
type Stage = 'new' | 'running' | 'ended';

/** Holds a client to the order of the protocol's life. */
export interface Lifecycle {
  /** Hands a message on to its handler, or to the one that refuses it. A notification that comes too early or late is dropped. */
  readonly handleMessage: (message: Message, handle: (message: Message) => void) => void;
  /** Has the connection answer what is refused. */
  readonly refuse: (connection: Connection) => void;
}

/** What a request is renamed to that is refused. */
const REFUSED = 'kvmRegs/refused';

export function createLifecycle(): Lifecycle {
  let stage: Stage = 'new';
  return {
    handleMessage: (message, handle) => {
      const isDeep = isNestedTooDeep(message);
      if (Message.isRequest(message)) {
        const refusal = isDeep ? TOO_DEEP : refusalOf(message, stage);
        if (refusal) {
          handle({ ...message, method: REFUSED, params: [refusal.code, refusal.message] } as Message);
          return;
        }
        stage = stageAfter(message.method, stage);
      } else if (isDeep || (Message.isNotification(message) && stage !== 'running' && message.method !== 'exit'))
        return;
      handle(message);
    },
    refuse: (connection) => {
      connection.onRequest(REFUSED, (code: number, message: string) => new ResponseError(code, message));
    },
  };
}

function stageAfter(method: string, stage: Stage): Stage {
  if (method === 'initialize') return 'running';
  return method === 'shutdown' ? 'ended' : stage;
}

/** Levels of a message: no client's has a tenth. What goes through a deeper one by recursion, ours or not, would end the server. */
const DEEPEST = 200;

function isNestedTooDeep(message: unknown): boolean {
  let level: readonly unknown[] = [message];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((value): unknown[] => (typeof value === 'object' && value ? Object.values(value) : []));
  }
  return false;
}

/** Why a request is not served. */
interface Refusal {
  readonly code: number;
  readonly message: string;
}

const TOO_DEEP: Refusal = { code: ErrorCodes.InvalidRequest, message: 'a message that is nested too deep' };

/** Why a request is not served; null for one that is. */
function refusalOf({ method, params }: RequestMessage, stage: Stage): Refusal | null {
  if (stage === 'ended') return { code: ErrorCodes.InvalidRequest, message: `${method} after shutdown` };
  if (stage === 'new' && method !== 'initialize')
    return { code: ErrorCodes.ServerNotInitialized, message: `${method} before initialize` };
  if (stage === 'running' && method === 'initialize')
    return { code: ErrorCodes.InvalidRequest, message: 'a second initialize' };
  // What is made of them is the library's, which takes them as they are.
  if (method === 'initialize' && !(isRecord(params) && isRecord(params['capabilities'])))
    return { code: ErrorCodes.InvalidParams, message: 'initialize without capabilities' };
  return null;
}
