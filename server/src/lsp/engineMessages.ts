import type { AnswerOptions, Questions } from './answers.js';
import type { TreeStatus } from './protocol.js';

/** What the server tells its engine. Messages are worked off in order. */
export type EngineMessage =
  | { readonly kind: 'open'; readonly uri: string; readonly text: string }
  | { readonly kind: 'close'; readonly uri: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'disk' }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly question: keyof Questions;
      readonly params: Questions[keyof Questions]['params'];
      readonly options: AnswerOptions;
      /** The client does not watch the disk: the engine looks itself. */
      readonly isUnwatched: boolean;
    };

/** What the engine tells the server. */
export type EngineReply =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  | { readonly kind: 'stage'; readonly root: string; readonly stage: string }
  /** After a reading. */
  | { readonly kind: 'status'; readonly trees: readonly TreeStatus[] }
  /** A tree could not be read, by a fault of ours. */
  | { readonly kind: 'trouble'; readonly message: string }
  /** The disk was, so that what a client shows may be old. */
  | { readonly kind: 'changed' };
