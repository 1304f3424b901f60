import {
  MarkupKind,
  PositionEncodingKind,
  type ClientCapabilities,
  type InitializeParams,
  type WorkDoneProgressServerReporter,
  type WorkspaceFolder,
} from 'vscode-languageserver';
import type { TreeStatus } from '../../../protocol/protocol.js';
import type { AnswerOptions } from './answerOptions.js';
import { clientOptions, type ClientOptions } from './clientOptions.js';

/** What is known of the client and of the trees; one server serves one client. */
export interface Session {
  capabilities: ClientCapabilities;
  /** The workspace's folders at the start. */
  folders: readonly WorkspaceFolder[];
  client: ClientOptions;
  /** Section `kvmRegs` as the client has it now. */
  settings: unknown;
  /** Whether the client tells of changes on the disk. */
  isWatched: boolean;
  trees: readonly TreeStatus[];
  /** Roots of the trees that are being read for the first time. */
  readonly unread: Set<string>;
  /** Roots of the trees whose files the client is asked to watch. */
  readonly watched: Set<string>;
  progress: WorkDoneProgressServerReporter | null;
}

/** Before the handshake: a client that can do nothing. */
export function newSession(): Session {
  return {
    capabilities: {},
    folders: [],
    client: clientOptions(null),
    settings: undefined,
    isWatched: false,
    trees: [],
    unread: new Set(),
    watched: new Set(),
    progress: null,
  };
}

/** Keeps what a client states of itself in the handshake. */
export function rememberClient(
  session: Session,
  { capabilities, workspaceFolders, ...params }: InitializeParams,
): void {
  session.capabilities = capabilities;
  session.folders = workspaceFolders ?? [];
  session.client = clientOptions(params.initializationOptions);
  session.settings = session.client.settings;
  session.isWatched = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
}

/** UTF-8 where the client prefers it, else UTF-16, which every client can. */
export function encodingOf({ capabilities }: Session): AnswerOptions['encoding'] {
  return capabilities.general?.positionEncodings?.[0] === PositionEncodingKind.UTF8 ? 'utf-8' : 'utf-16';
}

/** How answers are to be made for the client, as its settings are now. */
export function answerOptions(session: Session): AnswerOptions {
  const { textDocument, workspace } = session.capabilities;
  return {
    encoding: encodingOf(session),
    isMarkdown: textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) ?? false,
    hasCommandLinks: session.client.hasCommandLinks,
    setSeverity: session.client.setSeverity,
    hasRelatedInformation: textDocument?.publishDiagnostics?.relatedInformation ?? false,
    refreshesLenses: workspace?.codeLens?.refreshSupport ?? false,
    settings: session.settings,
  };
}
