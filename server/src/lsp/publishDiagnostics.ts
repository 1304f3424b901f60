import { CancellationTokenSource, type CancellationToken, type Connection } from 'vscode-languageserver/node';
import type { TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Questions } from './answers.js';

/** Keeps the client's diagnostics of its open documents up to date. */
interface DiagnosticsPublisher {
  /** Something that they depend on has changed: a text, the disk, a setting. */
  readonly changed: () => void;
  /** A document is no longer open. */
  readonly closed: (uri: string) => void;
}

/** How long after the last change diagnostics are asked for, so that typing and what the user waits for come first. ms */
const DEBOUNCE_MS = 250;

/** Asks for the diagnostics of open documents; null for the document of no tree. */
type DiagnosticsQuestion = (
  uris: readonly string[],
  token: CancellationToken,
) => Promise<Questions['diagnostics']['answer']>;

/** Publishes diagnostics when changes come to rest; what a later change makes old is cancelled. */
export function diagnosticsPublisher(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  ask: DiagnosticsQuestion,
): DiagnosticsPublisher {
  const published = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let asking: CancellationTokenSource | null = null;
  const publish = (uri: string, found: Questions['diagnostics']['answer'][number]['diagnostics']) => {
    const text = JSON.stringify(found);
    // A document that never had any is not spoken of: it may be another server's alone.
    if ((published.get(uri) ?? '[]') === text) return;
    published.set(uri, text);
    void connection.sendDiagnostics({ uri, diagnostics: [...found] });
  };
  const refresh = async () => {
    asking = new CancellationTokenSource();
    const { token } = asking;
    try {
      const answer = await ask(documents.keys(), token);
      if (token.isCancellationRequested) return;
      for (const { uri, diagnostics } of answer) if (documents.get(uri)) publish(uri, diagnostics);
    } catch (error) {
      if (!token.isCancellationRequested)
        connection.console.error(`Diagnostics: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    changed: () => {
      clearTimeout(timer);
      asking?.cancel();
      asking = null;
      timer = setTimeout(() => void refresh(), DEBOUNCE_MS);
    },
    closed: (uri) => {
      publish(uri, []);
      published.delete(uri);
    },
  };
}
