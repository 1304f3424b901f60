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
export interface EngineListener {
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
  let asked = 0;
  worker.on('message', (reply: EngineReply) => {
    if (reply.kind !== 'answer' && reply.kind !== 'failure') {
      listener.onReply(reply);
      return;
    }
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    // The engine gives to each question the answer that `Questions` says; both are one program.
    if (reply.kind === 'answer') waiting?.resolve(reply.answer as never);
    else waiting?.reject(new ResponseError(LSPErrorCodes.RequestFailed, reply.message));
  });
  worker.on('error', (error) => {
    for (const waiting of pending.values()) waiting.reject(error);
    pending.clear();
    listener.onError(error);
  });
  const send = (message: EngineMessage) => {
    worker.postMessage(message);
  };
  return {
    tell: send,
    ask: (question, params, options, isUnwatched, token) =>
      new Promise((resolve, reject) => {
        const id = asked++;
        pending.set(id, { resolve, reject });
        send({ kind: 'ask', id, question, params, options, isUnwatched });
        token.onCancellationRequested(() => {
          if (pending.delete(id)) reject(new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled'));
        });
      }),
    stop: () => worker.terminate(),
  };
}
