import type { InitializeParams, WorkDoneProgressServerReporter } from 'vscode-languageserver/node';
import type { CParser } from '../syntax/c/cTree.js';
import type { AnswerOptions } from './answers.js';
import type { Configuration } from './configuration.js';
import type { ClientOptions, TreeStatus } from './protocol.js';

/** What is known of the client and of the trees; one server serves one client. */
export interface Session {
  client: ClientOptions;
  params: InitializeParams | null;
  configuration: Configuration;
  encoding: AnswerOptions['encoding'];
  isMarkdown: boolean;
  hasRelatedInformation: boolean;
  isWatched: boolean;
  trees: readonly TreeStatus[];
  /** Roots of the trees that are being read for the first time. */
  readonly unread: Set<string>;
  readonly watched: Set<string>;
  progress: WorkDoneProgressServerReporter | null;
  readonly parser: Promise<CParser>;
}

/** How answers are to be made for the client, as its settings are now. */
export function answerOptions(session: Session): AnswerOptions {
  return {
    encoding: session.encoding,
    backends: session.configuration.backends,
    isMarkdown: session.isMarkdown,
    hasCommandLinks: session.client.hasCommandLinks,
    everyFunction: session.configuration.isOn('codeLens.everyFunction'),
    hasRelatedInformation: session.hasRelatedInformation,
    severities: session.configuration.severities,
  };
}
