import { ErrorCodes, Message, ResponseError, type Connection } from 'vscode-languageserver/node';

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
      if (Message.isRequest(message)) {
        const refusal = refusalOf(message.method, stage);
        if (refusal) {
          handle({ ...message, method: REFUSED, params: [refusal.code, refusal.message] } as Message);
          return;
        }
        stage = stageAfter(message.method, stage);
      } else if (Message.isNotification(message) && stage !== 'running' && message.method !== 'exit') return;
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

/** Why a request is not served; null for one that is. */
function refusalOf(method: string, stage: Stage): { readonly code: number; readonly message: string } | null {
  if (stage === 'ended') return { code: ErrorCodes.InvalidRequest, message: `${method} after shutdown` };
  if (stage === 'new' && method !== 'initialize')
    return { code: ErrorCodes.ServerNotInitialized, message: `${method} before initialize` };
  if (stage === 'running' && method === 'initialize')
    return { code: ErrorCodes.InvalidRequest, message: 'a second initialize' };
  return null;
}
