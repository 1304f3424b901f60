import process from 'node:process';
import { NotificationType, type MessageConnection, type RequestParam, type RequestType } from 'vscode-languageserver';
import type { TreeStatus } from '../../../../protocol/protocol.js';
import type { AnswerOptions } from '../answerOptions.js';
import { errorText } from '../errorText.js';

/*
 * What the server and its engine say to each other, over the port between their threads. Besides these the engine is asked a
 * question for each feature, by the name of the request that it is for.
 */

/** The text of a document that the client has open, or has changed. */
export const OpenDocument = new NotificationType<{ readonly uri: string; readonly text: string }>('open');
export const CloseDocument = new NotificationType<{ readonly uri: string }>('close');
/** Where what is read is kept between sessions, and how many bytes of it; comes before the folders, or not at all. */
export const KeepFacts = new NotificationType<{ readonly directory: string; readonly limit: number }>('keep facts');
/** A directory that may be (in) a kernel tree, by its path as the client writes it. */
export const AddFolder = new NotificationType<{ readonly path: string }>('folder');
/** A directory that is no longer one of the client's, by the same path. */
export const RemoveFolder = new NotificationType<{ readonly path: string }>('removed folder');
/** The disk may have changed. */
export const DiskChanged = new NotificationType<null>('disk');

/** A question of a feature, with all that its answer depends on besides the trees. */
export interface Ask<Question> {
  readonly question: Question;
  readonly options: AnswerOptions;
  /** The client does not watch the disk: the engine looks itself. */
  readonly isUnwatched: boolean;
}

/** What the engine is asked for a feature. */
export type EngineRequest<Question, Answer> = RequestType<Ask<Question>, Answer, void>;

/** A tree is at a stage of its reading. */
export const StageBegins = new NotificationType<{ readonly root: string; readonly stage: string }>('stage');
/** A tree was read; how all of them are. */
export const TreesRead = new NotificationType<{ readonly trees: readonly TreeStatus[] }>('read');
/** The disk had changed, and the trees are read again: what a client shows may be old. */
export const TreesChanged = new NotificationType<null>('changed');
/** Something went wrong, by a fault of ours. */
export const EngineFailed = new NotificationType<{ readonly message: string }>('error');

/** Posts a message to the other thread. That fails only when the thread has ended, which is reported where it was started. */
export type Notify = <Params>(type: NotificationType<Params>, params: RequestParam<Params>) => void;

export function notifierOver(connection: MessageConnection): Notify {
  return (type, params) => {
    connection.sendNotification(type, params).catch((error: unknown) => {
      process.stderr.write(`${type.method}: ${errorText(error)}\n`);
    });
  };
}
