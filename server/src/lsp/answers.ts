import type {
  CodeLens,
  Diagnostic,
  DocumentHighlight,
  Hover,
  InlayHint,
  Location,
  SymbolInformation,
} from 'vscode-languageserver';
import type { Encoding } from './positions.js';
import type { OwnerItem, PlaceParams } from './protocol.js';
import type { Place } from './workspace.js';

/** How an answer is to be made. */
export interface AnswerOptions {
  readonly encoding: Encoding;
  /** Backends to speak of; empty for all. */
  readonly backends: readonly string[];
  /** Hovers in Markdown; else plain text. */
  readonly isMarkdown: boolean;
  /** Hovers with links that run the client's commands. */
  readonly hasCommandLinks: boolean;
  readonly everyFunction: boolean;
  /** Diagnostics with the other places that show why. */
  readonly hasRelatedInformation: boolean;
  /** Rule or family -> the severity that the user wants for it. */
  readonly severities: Readonly<Record<string, string>>;
}

/** The engine's questions: name -> what is given and what comes back. */
export interface Questions {
  readonly hover: { readonly params: PlaceParams; readonly answer: Hover | null };
  readonly implementation: { readonly params: PlaceParams; readonly answer: Location[] | null };
  readonly definition: { readonly params: PlaceParams; readonly answer: Location[] | null };
  readonly declaration: { readonly params: PlaceParams; readonly answer: Location[] | null };
  readonly references: { readonly params: PlaceParams; readonly answer: Location[] | null };
  readonly documentHighlight: { readonly params: PlaceParams; readonly answer: DocumentHighlight[] | null };
  readonly codeLens: { readonly params: { readonly uri: string }; readonly answer: CodeLens[] | null };
  readonly inlayHint: { readonly params: { readonly uri: string }; readonly answer: InlayHint[] | null };
  readonly diagnostics: {
    readonly params: { readonly uris: readonly string[] };
    readonly answer: readonly { readonly uri: string; readonly diagnostics: readonly Diagnostic[] }[];
  };
  readonly symbols: { readonly params: { readonly query: string }; readonly answer: SymbolInformation[] };
  readonly explain: { readonly params: PlaceParams; readonly answer: { readonly text: string } | null };
  readonly owners: {
    readonly params: PlaceParams;
    readonly answer: { readonly register: string; readonly owners: readonly OwnerItem[] } | null;
  };
  readonly register: {
    readonly params: { readonly name: string; readonly uri: string | null };
    readonly answer: {
      readonly register: string;
      readonly owners: readonly OwnerItem[];
      readonly references: readonly Location[];
    } | null;
  };
}

/** Answers a question about a place of a tree. */
export type PlaceAnswer<Answer> = (place: Place, params: PlaceParams, options: AnswerOptions) => Answer | null;
