import { BACKENDS, settingIn } from './settings.js';
import type { Encoding } from './positions.js';

/** How the client has its answers. Plain data: it goes to the engine's thread with each question. */
export interface AnswerOptions {
  readonly encoding: Encoding;
  /** Hovers in Markdown; else plain text. */
  readonly isMarkdown: boolean;
  /** Hovers with links that run the client's commands. */
  readonly hasCommandLinks: boolean;
  /** The client's command that sets how a rule's findings are shown: [rule or family, severity]. Null where it has none. */
  readonly setSeverity: string | null;
  /** Diagnostics with the other places that show why. */
  readonly hasRelatedInformation: boolean;
  /** Lenses may be of the text before an edit, moved to where things are now: the client asks again when it is told to. */
  readonly refreshesLenses: boolean;
  /** Section `kvmRegs` as the client has it; {@link settingIn} reads a setting there. */
  readonly settings: unknown;
}

/** Whether answers are to include a backend. */
export function isChosenBackend(backend: string, { settings }: AnswerOptions): boolean {
  const wanted = settingIn(settings, BACKENDS);
  return wanted.length === 0 || wanted.includes(backend);
}
