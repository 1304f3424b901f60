import { lineAt, type SourceText } from '../syntax/text/sourceText.js';
import type { Finding } from './finding.js';

/** A comment that silences rules on its own line and on the next: `kvm-regs-ignore: tracking/one-way`. */
const IGNORE = /\bkvm-regs-ignore:\s*([\w/-]+(?:\s*,\s*[\w/-]+)*)/g;

/** Whether a comment in the finding's file silences it. */
export function isSuppressed(source: SourceText, finding: Finding): boolean {
  const line = lineAt(source, finding.span.start);
  const from = source.lineStarts[Math.max(0, line - 2)] ?? 0;
  const to = source.lineStarts[line] ?? source.text.length;
  const near = source.text.slice(from, to);
  return [...near.matchAll(IGNORE)].some(
    ([, rules]) => rules?.split(',').some((rule) => rule.trim() === finding.rule) ?? false,
  );
}
