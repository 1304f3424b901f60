import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  MarkupKind,
  PositionEncodingKind,
  TextDocuments,
  TextDocumentSyncKind,
  type CancellationToken,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  type TextDocumentPositionParams,
  type WorkspaceFolder,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import manifest from '../../package.json' with { type: 'json' };
import { createCParser } from '../syntax/c/cTree.js';
import { findKernelTree } from '../tree/findKernelTree.js';
import type { AnswerOptions, Questions } from './answers.js';
import { codeActions } from './codeAction.js';
import { resolvedLens } from './codeLens.js';
import { configurationOf } from './configuration.js';
import { startEngine, type EngineClient } from './engineClient.js';
import { writtenPath } from './filePaths.js';
import { clientOptions, EXPLAIN, isRecord, OWNERS, REGISTER, SHOW_LOCATION } from './protocol.js';
import { diagnosticsPublisher } from './publishDiagnostics.js';
import { quickHover } from './quickHover.js';
import { answerOptions, type Session } from './session.js';
import { onEngineReply, refreshShown } from './treeStatus.js';

/** Serves a client until it goes. `directory` is where the program's files are. */
export function serve(connection: Connection, directory: URL): void {
  const documents = new TextDocuments(TextDocument);
  const readAsset = (name: string) => readFileSync(fileURLToPath(new URL(name, directory)));
  const session: Session = {
    client: clientOptions(null),
    params: null,
    configuration: configurationOf(null),
    encoding: 'utf-16',
    isMarkdown: false,
    hasRelatedInformation: false,
    isWatched: false,
    trees: [],
    unread: new Set(),
    watched: new Set(),
    progress: null,
    parser: createCParser({ runtime: readAsset('./web-tree-sitter.wasm'), grammar: readAsset('./tree-sitter-c.wasm') }),
  };
  const engine = startEngine(new URL('./engine.js', directory), {
    onReply: (reply) => {
      onEngineReply(connection, session, reply);
      if (reply.kind === 'status') diagnostics.changed();
    },
    onError: (error) => {
      // Without its engine the server is of no use; the client starts another.
      process.stderr.write(`The engine ended: ${error.stack ?? error.message}\n`);
      process.exit(1);
    },
  });
  const diagnostics = diagnosticsPublisher(connection, documents, async (uris, token) =>
    session.configuration.isOn('check.enable')
      ? engine.ask('diagnostics', { uris }, answerOptions(session), !session.isWatched, token)
      : uris.map((uri) => ({ uri, diagnostics: [] })),
  );
  connection.onInitialize((params) => initialized(session, params));
  connection.onInitialized(() => {
    begin(connection, session, engine).catch((error: unknown) => {
      connection.console.error(
        `While starting: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    });
  });
  connection.onShutdown(async () => {
    await engine.stop();
  });
  connection.onDidChangeConfiguration(async ({ settings }) => {
    await configure(connection, session, settings);
    refreshShown(connection, session);
    diagnostics.changed();
  });
  connection.onDidChangeWatchedFiles(() => {
    engine.tell({ kind: 'disk' });
  });
  documents.onDidChangeContent(({ document }) => {
    engine.tell({ kind: 'open', uri: document.uri, text: document.getText() });
    diagnostics.changed();
  });
  documents.onDidOpen(() => {
    if (!session.isWatched) engine.tell({ kind: 'disk' });
  });
  documents.onDidSave(() => {
    if (!session.isWatched) engine.tell({ kind: 'disk' });
  });
  documents.onDidClose(({ document }) => {
    engine.tell({ kind: 'close', uri: document.uri });
    diagnostics.closed(document.uri);
  });
  answerRequests(connection, session, engine, documents);
  documents.listen(connection);
  connection.listen();
}

function initialized(session: Session, params: InitializeParams): InitializeResult {
  const { capabilities } = params;
  const options: unknown = params.initializationOptions;
  session.params = params;
  session.client = clientOptions(options);
  session.configuration = configurationOf(isRecord(options) ? options['settings'] : null);
  const encodings = capabilities.general?.positionEncodings ?? [];
  session.encoding = encodings[0] === PositionEncodingKind.UTF8 ? 'utf-8' : 'utf-16';
  session.isMarkdown = capabilities.textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) ?? false;
  session.hasRelatedInformation = capabilities.textDocument?.publishDiagnostics?.relatedInformation ?? false;
  session.isWatched = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
  // The library that keeps the documents counts in UTF-16.
  const change = session.encoding === 'utf-16' ? TextDocumentSyncKind.Incremental : TextDocumentSyncKind.Full;
  return {
    capabilities: {
      positionEncoding: session.encoding,
      textDocumentSync: { openClose: true, change, save: true },
      hoverProvider: true,
      codeLensProvider: { resolveProvider: true },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      implementationProvider: true,
      definitionProvider: true,
      declarationProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      workspaceSymbolProvider: true,
      inlayHintProvider: true,
      executeCommandProvider: { commands: [SHOW_LOCATION] },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
    serverInfo: { name: manifest.name, version: manifest.version },
  };
}

/** After the handshake: settings, then the folders' trees. */
async function begin(connection: Connection, session: Session, engine: EngineClient): Promise<void> {
  const { workspace } = session.params?.capabilities ?? {};
  await configure(connection, session, null);
  if (workspace?.didChangeConfiguration?.dynamicRegistration)
    void connection.client.register(DidChangeConfigurationNotification.type, { section: 'kvmRegs' });
  const addFolders = (folders: readonly WorkspaceFolder[]) => {
    for (const { uri } of folders) {
      const path = writtenPath(uri);
      if (path !== null) engine.tell({ kind: 'folder', path });
    }
  };
  addFolders(session.params?.workspaceFolders ?? []);
  if (workspace?.workspaceFolders) {
    connection.workspace.onDidChangeWorkspaceFolders(({ added }) => {
      addFolders(added);
    });
  }
}

async function configure(connection: Connection, session: Session, settings: unknown): Promise<void> {
  if (session.params?.capabilities.workspace?.configuration) {
    session.configuration = configurationOf(await connection.workspace.getConfiguration('kvmRegs'));
  } else if (isRecord(settings)) {
    session.configuration = configurationOf(settings['kvmRegs'] ?? settings);
  }
}

function answerRequests(
  connection: Connection,
  session: Session,
  engine: EngineClient,
  documents: TextDocuments<TextDocument>,
): void {
  const options = () => answerOptions(session);
  const ask = <Q extends keyof Questions>(question: Q, params: Questions[Q]['params'], token: CancellationToken) =>
    engine.ask(question, params, options(), !session.isWatched, token);
  /** The handler of a request about a place, under the setting that turns it on. */
  const atPlace =
    <Q extends 'implementation' | 'definition' | 'declaration' | 'references' | 'documentHighlight'>(
      question: Q,
      setting: string,
    ) =>
    async (params: TextDocumentPositionParams, token: CancellationToken): Promise<Questions[Q]['answer'] | null> =>
      session.configuration.isOn(setting) ? ask(question, placeOf(params), token) : null;
  connection.onHover(async (params, token) => {
    if (!session.configuration.isOn('hover.enable')) return null;
    const early = await earlyHover(session, documents, params, options());
    return early ?? ask('hover', placeOf(params), token);
  });
  connection.onImplementation(atPlace('implementation', 'implementation.enable'));
  connection.onDefinition(atPlace('definition', 'definition.enable'));
  connection.onDeclaration(atPlace('declaration', 'definition.enable'));
  connection.onReferences(atPlace('references', 'references.enable'));
  connection.onDocumentHighlight(atPlace('documentHighlight', 'documentHighlight.enable'));
  connection.onCodeLens((params, token) =>
    session.configuration.isOn('codeLens.enable') ? ask('codeLens', { uri: params.textDocument.uri }, token) : null,
  );
  connection.onCodeAction((params) => {
    const document = documents.get(params.textDocument.uri);
    return document ? codeActions(document, params) : null;
  });
  connection.onCodeLensResolve((lens) => resolvedLens(lens, session.client));
  connection.onWorkspaceSymbol((params, token) =>
    session.configuration.isOn('workspaceSymbols.enable') ? ask('symbols', { query: params.query }, token) : [],
  );
  connection.languages.inlayHint.on((params, token) =>
    session.configuration.isOn('inlayHints.enable') ? ask('inlayHint', { uri: params.textDocument.uri }, token) : null,
  );
  connection.onExecuteCommand(async ({ command, arguments: given }) => {
    const [uri, range] = command === SHOW_LOCATION ? ((given ?? []) as readonly unknown[]) : [];
    if (typeof uri === 'string' && session.params?.capabilities.window?.showDocument?.support) {
      await connection.window.showDocument({ uri, takeFocus: true, ...(isRange(range) ? { selection: range } : {}) });
    }
  });
  connection.onRequest(EXPLAIN, (params: TextDocumentPositionParams, token: CancellationToken) =>
    ask('explain', placeOf(params), token),
  );
  connection.onRequest(OWNERS, (params: TextDocumentPositionParams, token: CancellationToken) =>
    ask('owners', placeOf(params), token),
  );
  connection.onRequest(REGISTER, (params: unknown, token: CancellationToken) => {
    const { name, uri } = isRecord(params) ? params : {};
    return ask(
      'register',
      { name: typeof name === 'string' ? name : '', uri: typeof uri === 'string' ? uri : null },
      token,
    );
  });
}

function placeOf({ textDocument, position }: TextDocumentPositionParams) {
  return { uri: textDocument.uri, position };
}

/** A hover while its tree is read for the first time; null once that is done, or where the file alone says nothing. */
async function earlyHover(
  session: Session,
  documents: TextDocuments<TextDocument>,
  params: TextDocumentPositionParams,
  options: AnswerOptions,
) {
  const document = documents.get(params.textDocument.uri);
  const path = writtenPath(params.textDocument.uri);
  if (!document || path === null) return null;
  const found = findKernelTree(path);
  if ('missing' in found || session.trees.some(({ root }) => root === found.tree.root)) return null;
  return quickHover(await session.parser, path, document.getText(), params.position, options);
}

function isRange(
  value: unknown,
): value is { start: { line: number; character: number }; end: { line: number; character: number } } {
  return isRecord(value) && isRecord(value['start']) && isRecord(value['end']);
}
