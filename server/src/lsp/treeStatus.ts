import {
  CodeLensRefreshRequest,
  DidChangeWatchedFilesNotification,
  InlayHintRefreshRequest,
  type Connection,
} from 'vscode-languageserver/node';
import type { EngineReply } from './engineMessages.js';
import { STATUS, type Status } from './protocol.js';
import type { Session } from './session.js';
import { watchersOf } from './watch.js';

/** Heeds what the engine says of itself: tells the client what is read, and has it ask again for what that changes. */
export function onEngineReply(
  connection: Connection,
  session: Session,
  reply: Exclude<EngineReply, { kind: 'answer' | 'failure' }>,
): void {
  switch (reply.kind) {
    case 'stage':
      void reading(connection, session, reply.root, reply.stage);
      return;
    case 'trouble':
      connection.console.error(`The tree could not be read: ${reply.message}`);
      return;
    case 'changed':
      refreshShown(connection, session);
      return;
    case 'status':
      session.trees = reply.trees;
      for (const { root } of reply.trees) {
        session.unread.delete(root);
        watch(connection, session, root);
      }
      if (!isReading(session)) {
        session.progress?.done();
        session.progress = null;
      }
      sendStatus(connection, session);
  }
}

/** Has the client ask again for what it shows without being asked. */
export function refreshShown(connection: Connection, session: Session): void {
  const { workspace } = session.params?.capabilities ?? {};
  if (workspace?.codeLens?.refreshSupport) void connection.sendRequest(CodeLensRefreshRequest.type);
  if (workspace?.inlayHint?.refreshSupport) void connection.sendRequest(InlayHintRefreshRequest.type);
}

/** A tree is at a stage of its reading. Only the first reading is long enough to show. */
async function reading(connection: Connection, session: Session, root: string, stage: string): Promise<void> {
  if (session.trees.some((tree) => tree.root === root)) return;
  const isFirst = !isReading(session);
  session.unread.add(root);
  session.progress?.report(`${root}: ${stage}`);
  if (!isFirst) return;
  sendStatus(connection, session);
  if (!session.params?.capabilities.window?.workDoneProgress) return;
  const progress = await connection.window.createWorkDoneProgress();
  // The tree may be read by the time that the client is ready to show it.
  if (!isReading(session)) return;
  session.progress = progress;
  progress.begin('KVM Register Lens', undefined, `reading ${root}`);
}

function isReading({ unread }: Session): boolean {
  return unread.size > 0;
}

function watch(connection: Connection, session: Session, root: string): void {
  if (!session.isWatched || session.watched.has(root)) return;
  session.watched.add(root);
  const hasRelative = session.params?.capabilities.workspace?.didChangeWatchedFiles?.relativePatternSupport ?? false;
  const watchers = watchersOf(root, hasRelative);
  void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
}

function sendStatus(connection: Connection, session: Session): void {
  const state = isReading(session) ? 'indexing' : session.trees.length > 0 ? 'ready' : 'none';
  const status: Status = { state, trees: session.trees };
  void connection.sendNotification(STATUS, status);
}
