import { Worker } from 'node:worker_threads';
import { CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { AnswerOptions, Questions } from './answers.js';
import type { EngineMessage, EngineReply } from './engineMessages.js';

/** The engine as the server sees it. */
export interface EngineClient {
  readonly tell: (message: Exclude<EngineMessage, { kind: 'ask' }>) => void;
  /** Rejects with RequestCancelled when the token is cancelled, whatever the engine is at. */
  readonly ask: <Q extends keyof Questions>(
    question: Q,
    params: Questions[Q]['params'],
    options: AnswerOptions,
    isUnwatched: boolean,
    token: CancellationToken,
  ) => Promise<Questions[Q]['answer']>;
  readonly stop: () => Promise<unknown>;
}

/** What the engine says of itself. */
interface EngineListener {
  readonly onReply: (reply: Exclude<EngineReply, { kind: 'answer' | 'failure' }>) => void;
  /** The thread ended by an error; nothing can be asked any more. */
  readonly onError: (error: Error) => void;
}

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the engine's thread from `engine.js` beside the program. */
export function startEngine(script: URL, listener: EngineListener): EngineClient {
  const worker = new Worker(script);
  const pending = new Map<number, Pending>();
  // The engine gets one question at a time, so that what is cancelled meanwhile is never worked on.
  const queue: EngineMessage[] = [];
  let inWork: number | null = null;
  let asked = 0;
  const sendNext = () => {
    while (inWork === null) {
      const message = queue.shift();
      if (!message) return;
      if (message.kind === 'ask') inWork = message.id;
      worker.postMessage(message);
    }
  };
  const enqueue = (message: EngineMessage) => {
    if (isSuperseded(queue.at(-1), message)) queue.pop();
    queue.push(message);
    sendNext();
  };
  const cancel = (id: number) => {
    const waiting = pending.get(id);
    pending.delete(id);
    const index = queue.findIndex((message) => message.kind === 'ask' && message.id === id);
    if (index >= 0) queue.splice(index, 1);
    waiting?.reject(cancelled());
  };
  worker.on('message', (reply: EngineReply) => {
    if (reply.kind !== 'answer' && reply.kind !== 'failure') {
      listener.onReply(reply);
      return;
    }
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    inWork = null;
    // The engine gives to each question the answer that `Questions` says; both are one program.
    if (reply.kind === 'answer') waiting?.resolve(reply.answer as never);
    else waiting?.reject(new ResponseError(LSPErrorCodes.RequestFailed, reply.message));
    sendNext();
  });
  worker.on('error', (error) => {
    for (const waiting of pending.values()) waiting.reject(error);
    pending.clear();
    listener.onError(error);
  });
  return {
    tell: enqueue,
    ask: (question, params, options, isUnwatched, token) =>
      new Promise((resolve, reject) => {
        // A request that is cancelled before it is handled has a token that tells of nothing more.
        if (token.isCancellationRequested) {
          reject(cancelled());
          return;
        }
        const id = asked++;
        pending.set(id, { resolve, reject });
        enqueue({ kind: 'ask', id, question, params, options, isUnwatched });
        token.onCancellationRequested(() => {
          cancel(id);
        });
      }),
    stop: () => worker.terminate(),
  };
}

function cancelled(): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
}

/** Whether a message says what the next one says again: a document's text, that the disk may have changed. */
function isSuperseded(message: EngineMessage | undefined, next: EngineMessage): boolean {
  if (message?.kind === 'open') return next.kind === 'open' && message.uri === next.uri;
  return message?.kind === 'disk' && next.kind === 'disk';
}
