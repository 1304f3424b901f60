import {
  CancellationTokenSource,
  type CancellationToken,
  type Connection,
  type Diagnostic,
} from 'vscode-languageserver';
import type { FeatureServer } from './feature.js';

/** Keeps the client's diagnostics up to date. */
interface DiagnosticsPublisher {
  /** Something that they depend on has changed: a text, the disk, a setting, which documents are open. */
  readonly changed: () => void;
}

/** The diagnostics of a document. */
export interface DocumentDiagnostics {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is found now. */
export interface FoundDiagnostics {
  readonly documents: readonly DocumentDiagnostics[];
  /** Beginnings of the URIs of files of which nothing can be said now: what was published of them stands. */
  readonly standing: readonly string[];
}

export const NO_DIAGNOSTICS: FoundDiagnostics = { documents: [], standing: [] };

/** How long after the last change diagnostics are asked for, so that typing and what the user waits for come first. ms */
const DEBOUNCE_MS = 250;

/** Asks for all diagnostics; a file that the answer lacks has none, unless it stands. `uris`: the open documents. */
type DiagnosticsQuestion = (uris: readonly string[], token: CancellationToken) => Promise<FoundDiagnostics>;

/** Publishes diagnostics when changes come to rest; what a later change makes old is cancelled. */
export function diagnosticsPublisher(
  connection: Connection,
  { documents, send }: FeatureServer,
  ask: DiagnosticsQuestion,
): DiagnosticsPublisher {
  const published = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let asking: CancellationTokenSource | null = null;
  const publish = ({ uri, diagnostics }: DocumentDiagnostics) => {
    const text = JSON.stringify(diagnostics);
    // A document that never had any is not spoken of: it may be another server's alone.
    if ((published.get(uri) ?? '[]') === text) return;
    if (diagnostics.length > 0) published.set(uri, text);
    else published.delete(uri);
    send('diagnostics', connection.sendDiagnostics({ uri, diagnostics: [...diagnostics] }));
  };
  const refresh = async ({ token }: CancellationTokenSource) => {
    try {
      const answer = await ask(documents.keys(), token);
      if (token.isCancellationRequested) return;
      const answered = new Set(answer.documents.map(({ uri }) => uri));
      const stands = (uri: string) => answer.standing.some((beginning) => uri.startsWith(beginning));
      const gone = [...published.keys()].filter((uri) => !answered.has(uri) && !stands(uri));
      for (const found of [...gone.map((uri) => ({ uri, diagnostics: [] })), ...answer.documents]) publish(found);
    } catch (error) {
      // What is cancelled is asked for again.
      if (!token.isCancellationRequested) throw error;
    }
  };
  return {
    changed: () => {
      clearTimeout(timer);
      asking?.cancel();
      const next = new CancellationTokenSource();
      asking = next;
      timer = setTimeout(() => {
        send('diagnostics', refresh(next));
      }, DEBOUNCE_MS);
    },
  };
}
