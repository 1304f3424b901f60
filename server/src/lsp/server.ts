import process from 'node:process';
import {
  Emitter,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeResult,
  type ServerCapabilities,
  type WorkspaceFolder,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import manifest from '../../package.json' with { type: 'json' };
import { cacheDirectory, cacheLimit } from '../store/cacheDirectory.js';
import { startEngine, type EngineClient } from './engine/engineClient.js';
import {
  AddFolder,
  CloseDocument,
  DiskChanged,
  EngineFailed,
  KeepFacts,
  OpenDocument,
  RemoveFolder,
  StageBegins,
  TreesChanged,
  TreesRead,
} from './engine/engineProtocol.js';
import type { FeatureServer } from './features/feature.js';
import { FEATURES } from './features/features.js';
import { writtenPath } from './filePaths.js';
import { followSettings } from './followSettings.js';
import { sendTo, type Send } from './send.js';
import { answerOptions, encodingOf, rememberClient, newSession, type Session } from './session.js';
import { CACHE, settingIn } from './settings.js';
import { treeReporter } from './treeStatus.js';

/** The parts of a server that has one client. */
interface Server {
  readonly connection: Connection;
  readonly session: Session;
  readonly documents: TextDocuments<TextDocument>;
  readonly engine: EngineClient;
  readonly send: Send;
  /** A tree was read or a setting has changed: what answers depend on besides documents. */
  readonly changed: Emitter<void>;
  /** The disk or a setting has changed: what the client shows and does not ask again may be old. */
  readonly stale: Emitter<void>;
}

/**
 * Serves a client until it goes: the handshake, settings, folders, documents. What the client may ask is in `features`.
 * `directory` is where the program's files are.
 */
export function serve(connection: Connection, directory: URL): void {
  const server: Server = {
    connection,
    session: newSession(),
    documents: new TextDocuments(TextDocument),
    engine: startEngine(new URL('./engine.js', directory), (error) => {
      // Without its engine the server is of no use; the client starts another.
      process.stderr.write(`The engine ended: ${error.stack ?? error.message}\n`);
      process.exit(1);
    }),
    send: sendTo(connection),
    changed: new Emitter(),
    stale: new Emitter(),
  };
  answerHandshake(server);
  followEngine(server);
  followDocuments(server);
  for (const feature of FEATURES) feature.serve(connection, featureServer(server));
  server.engine.connection.listen();
  server.documents.listen(connection);
  connection.listen();
}

function answerHandshake(server: Server): void {
  const { connection, session, engine } = server;
  connection.onInitialize((params) => {
    rememberClient(session, params);
    return initializeResult(session);
  });
  connection.onInitialized(() => {
    keepFacts(server);
    followFolders(server);
    followSettings(connection, session, server.send, () => {
      server.changed.fire();
      server.stale.fire();
    });
  });
  connection.onShutdown(async () => {
    await engine.stop();
  });
}

/** Has the engine keep facts where the client or, without its word, the platform has room for them. */
function keepFacts({ session, engine }: Server): void {
  const directory = session.client.cacheDirectory ?? cacheDirectory(process.env, process.platform);
  const limit = cacheLimit(process.env) ?? 0;
  if (directory !== null && settingIn(session.settings, CACHE)) engine.notify(KeepFacts, { directory, limit });
}

function initializeResult(session: Session): InitializeResult {
  const encoding = encodingOf(session);
  // The library that keeps the documents counts in UTF-16.
  const change = encoding === 'utf-16' ? TextDocumentSyncKind.Incremental : TextDocumentSyncKind.Full;
  const own: ServerCapabilities = {
    positionEncoding: encoding,
    textDocumentSync: { openClose: true, change, save: true },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
  return {
    capabilities: FEATURES.reduce((all, { capability }) => ({ ...all, ...capability }), own),
    serverInfo: { name: manifest.name, version: manifest.version },
  };
}

/** Heeds what the engine says of itself. */
function followEngine({ connection, session, engine, send, changed, stale }: Server): void {
  const reporter = treeReporter(connection, session, send);
  engine.connection.onNotification(StageBegins, reporter.onStage);
  engine.connection.onNotification(TreesRead, (read) => {
    reporter.onRead(read);
    changed.fire();
  });
  engine.connection.onNotification(TreesChanged, () => {
    stale.fire();
  });
  engine.connection.onNotification(EngineFailed, ({ message }) => {
    connection.console.error(`The engine: ${message}`);
  });
}

/** Has the engine read the trees that the workspace's folders are in, and forget those that are in none any more. */
function followFolders({ connection, session, engine }: Server): void {
  const tell = (type: typeof AddFolder, folders: readonly WorkspaceFolder[]) => {
    for (const { uri } of folders) {
      const path = writtenPath(uri);
      if (path !== null) engine.notify(type, { path });
    }
  };
  tell(AddFolder, session.folders);
  if (session.capabilities.workspace?.workspaceFolders) {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      tell(RemoveFolder, removed);
      tell(AddFolder, added);
    });
  }
}

/**
 * Has the engine know the texts of open documents, and look at the disk when it may be another: when the client says so, and when
 * a document is opened or saved, because what a client watches for may be lost (a checkout, a network's disk).
 */
function followDocuments({ connection, documents, engine }: Server): void {
  const lookAtDisk = () => {
    engine.notify(DiskChanged, null);
  };
  documents.onDidChangeContent(({ document }) => {
    engine.notify(OpenDocument, { uri: document.uri, text: document.getText() });
  });
  documents.onDidOpen(lookAtDisk);
  documents.onDidSave(lookAtDisk);
  documents.onDidClose(({ document }) => {
    engine.notify(CloseDocument, { uri: document.uri });
  });
  connection.onDidChangeWatchedFiles(lookAtDisk);
}

/** The server as features see it. */
function featureServer({ session, documents, engine, send, changed, stale }: Server): FeatureServer {
  return {
    documents,
    capabilities: () => session.capabilities,
    client: () => session.client,
    settings: () => session.settings,
    ask: (request, question, token) => {
      const ask = { question, options: answerOptions(session), isUnwatched: !session.isWatched };
      return engine.connection.sendRequest(request, ask, token);
    },
    onChange: changed.event,
    onStale: stale.event,
    send,
  };
}
