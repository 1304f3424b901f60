import process from 'node:process';
import {
  languages,
  Uri,
  version,
  workspace,
  type ExtensionContext,
  type LogOutputChannel,
  type TextDocument,
} from 'vscode';
import { LanguageClient, RevealOutputChannelOn, State, TransportKind } from 'vscode-languageclient/node';
import { LINKED_COMMANDS, SECTION, type InitializationOptions } from '../../protocol/protocol.js';
import { setSeverityId, showLocationsId } from './commandIds.js';
import { crashHandler } from './crashHandler.js';
import { anySourceBelow, documentPatterns } from './kvmPath.js';
import { StatusNotification } from './protocol.js';
import { treeLog, type ServerState } from './statusText.js';

/** By path, never by language: a kernel header is C++ to VS Code, and assembly whatever other extensions make of it. */
const documentsByName = documentPatterns.map((pattern) => ({ scheme: 'file', pattern }));

/** The one server of the window, through restarts. */
export interface ServerSession {
  /** The client of the server, which is started when it wasn't yet; waits for a restart that is under way. */
  client(): Promise<LanguageClient>;
  /** Starts the server when it wasn't yet. */
  start(): void;
  /** Whether a server was started. */
  isStarted(): boolean;
  /** Makes sure that the server runs and knows a document in the tree at `root`, whatever that directory's name. */
  include(document: TextDocument, root: string): void;
  /** Ends the server and starts it afresh, where one was started. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Who wants to know of the server. */
export interface SessionListener {
  /** Called with each state of the server. */
  readonly onState: (state: ServerState) => void;
  /** Called when the server has answered a hover. */
  readonly onHover: () => void;
  /** Called when the server has ended by itself and is not started again, with what happened: `has crashed five times`. */
  readonly onGivenUp: (what: string) => void;
}

/** A session whose server isn't started yet. One that ends by itself is started again, as {@link crashHandler} says. */
export function serverSession(
  context: ExtensionContext,
  log: LogOutputChannel,
  listener: SessionListener,
): ServerSession {
  const roots: string[] = [];
  let current: Promise<LanguageClient> | undefined;
  const start = () => startClient(newClient(context, log, { roots, listener }), context, listener);
  const restart = async (before: Promise<LanguageClient> | undefined) => {
    if (before !== undefined) await stopClient(await before);
    return start();
  };
  return {
    client: () => (current ??= start()),
    start: () => {
      current ??= start();
    },
    isStarted: () => current !== undefined,
    include: (document, root) => {
      if (roots.includes(root) || languages.match(documentsByName, document) > 0) {
        current ??= start();
      } else {
        log.info(`${root} is a KVM tree by what it holds`);
        roots.push(root);
        current = restart(current);
      }
    },
    restart: async () => {
      if (current !== undefined) await (current = restart(current));
    },
    stop: async () => {
      if (current !== undefined) await stopClient(await current);
    },
  };
}

/** What a client is made for. */
interface ClientPurpose {
  /** Trees that no pattern by name finds. */
  readonly roots: readonly string[];
  readonly listener: SessionListener;
}

function newClient(
  context: ExtensionContext,
  log: LogOutputChannel,
  { roots, listener }: ClientPurpose,
): LanguageClient {
  const server = {
    module: context.asAbsolutePath('server/dist/cli.js'),
    args: ['lsp'], // the library adds --node-ipc
    transport: TransportKind.ipc,
    options: { cwd: context.extensionPath }, // not in the tree, whose directories stay free to be moved
  };
  const initializationOptions: InitializationOptions = {
    commands: { showLocations: showLocationsId, setSeverity: setSeverityId },
    commandLinks: true,
    cacheDirectory: context.globalStorageUri.fsPath,
    settings: workspace.getConfiguration(SECTION),
  };
  return new LanguageClient('kvmRegs', 'KVM Register Lens', server, {
    documentSelector: [...documentsByName, ...roots.map(sourcesBelow)],
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions,
    errorHandler: crashHandler(log, listener.onGivenUp),
    initializationFailedHandler: () => false, // that it did not start is said once, by us
    middleware: {
      provideHover: async (document, position, token, next) => {
        const hover = await next(document, position, token);
        if (hover) listener.onHover();
        return hover;
      },
    },
    markdown: { isTrusted: { enabledCommands: Object.values(LINKED_COMMANDS) }, supportHtml: false },
  });
}

/** Never rejects: what went wrong is in the log and in the status. */
async function startClient(
  client: LanguageClient,
  context: ExtensionContext,
  { onState, onGivenUp }: SessionListener,
): Promise<LanguageClient> {
  const log = client.outputChannel;
  client.onNotification(StatusNotification, (status) => {
    onState(status);
    if (status.state === 'ready') for (const line of treeLog(status.trees)) log.info(line);
  });
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Starting) onState('starting');
    if (newState === State.Stopped || newState === State.StartFailed) onState('stopped');
    if (newState === State.StartFailed) onGivenUp('has ended while it was starting');
  });
  log.info(versions(context));
  try {
    await client.start();
    const server = client.initializeResult?.serverInfo;
    log.info(`${server?.name ?? 'the server'} ${server?.version ?? ''} runs`);
  } catch (error) {
    log.error(`the server did not start: ${String(error)}`);
  }
  return client;
}

/** Ends a client's server. One that is starting again after a crash can't be ended before it has started. */
async function stopClient(client: LanguageClient): Promise<void> {
  try {
    if (client.state === State.Starting) await client.start();
    if (client.isRunning()) await client.dispose();
  } catch (error) {
    client.outputChannel.warn(`the server did not end well: ${String(error)}`);
  }
}

/** Every source file below a tree's root that the patterns by name don't find. */
function sourcesBelow(root: string) {
  return { scheme: 'file', pattern: { baseUri: Uri.file(root).toString(), pattern: anySourceBelow } };
}

function versions({ extension }: ExtensionContext): string {
  const { version: own } = extension.packageJSON as { readonly version: string };
  return `KVM Register Lens ${own}, VS Code ${version}, its Node.js ${process.versions.node}`;
}
