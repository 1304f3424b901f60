import { DidChangeWatchedFilesNotification, type Connection } from 'vscode-languageserver';
import { STATUS, type Status, type TreeStatus } from '../../../protocol/protocol.js';
import type { Send } from './send.js';
import type { Session } from './session.js';
import { watchersOf } from './watch.js';

/** Tells the client of the readings of its trees, and has it watch what was read. */
export interface TreeReporter {
  /** A tree is at a stage of its reading. */
  readonly onStage: (stage: { readonly root: string; readonly stage: string }) => void;
  /** A tree was read. */
  readonly onRead: (read: { readonly trees: readonly TreeStatus[] }) => void;
}

export function treeReporter(connection: Connection, session: Session, send: Send): TreeReporter {
  const report = () => {
    const state = isReading(session) ? 'indexing' : session.trees.length > 0 ? 'ready' : 'none';
    const status: Status = { state, trees: session.trees };
    send('status', connection.sendNotification(STATUS, status));
  };
  return {
    // Only the first reading of a tree is long enough to show.
    onStage: ({ root, stage }) => {
      if (session.trees.some((tree) => tree.root === root)) return;
      const isFirst = !isReading(session);
      session.unread.add(root);
      session.progress?.report(`${root}: ${stage}`);
      if (!isFirst) return;
      report();
      if (session.capabilities.window?.workDoneProgress) send('progress', beginProgress(connection, session, root));
    },
    onRead: ({ trees }) => {
      session.trees = trees;
      for (const { root } of trees) {
        session.unread.delete(root);
        if (session.isWatched && !session.watched.has(root)) send('watching files', watch(connection, session, root));
      }
      if (!isReading(session)) {
        session.progress?.done();
        session.progress = null;
      }
      report();
    },
  };
}

function isReading({ unread }: Session): boolean {
  return unread.size > 0;
}

async function beginProgress(connection: Connection, session: Session, root: string): Promise<void> {
  const progress = await connection.window.createWorkDoneProgress();
  // The tree may be read by the time that the client is ready to show it.
  if (!isReading(session)) return;
  session.progress = progress;
  progress.begin('KVM Register Lens', undefined, `reading ${root}`);
}

/** Has the client watch a tree. Where it refuses, the server looks at the disk itself, and this rejects. */
async function watch(connection: Connection, session: Session, root: string): Promise<void> {
  session.watched.add(root);
  const hasRelative = session.capabilities.workspace?.didChangeWatchedFiles?.relativePatternSupport ?? false;
  const watchers = watchersOf(root, hasRelative);
  try {
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  } catch (error) {
    session.isWatched = false;
    throw error;
  }
}
