import { guestXcr0 } from '../check/apx/guestXcr0.js';
import type { Finding, Rule, RuleFamily } from '../check/finding.js';
import { RULES } from '../check/rules.js';
import { sourceOf } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { countText } from './counts.js';
import { seriesLeft } from './seriesLeft.js';
import { lineAt, locationAt, type Span } from '../syntax/text/sourceText.js';

/** Findings in the contract's form. */
export function checkJson(model: RegisterModel, findings: readonly Finding[]): object {
  return { schema: 1, findings: findings.map((finding) => findingJson(model, finding)) };
}

function findingJson(model: RegisterModel, finding: Finding): object {
  const rule = ruleOf(finding);
  const source = sourceOf(model, finding.file);
  return {
    rule: finding.rule,
    family: rule?.family,
    severity: rule?.severity,
    ...(source ? locationAt(source, finding.span.start) : { file: finding.file, line: 1, column: 1 }),
    message: finding.message,
    related: finding.related.flatMap(({ file, span, message }) => {
      const related = sourceOf(model, file);
      return related ? [{ file, line: lineAt(related, span.start), message }] : [];
    }),
  };
}

/** How findings are laid out. */
interface CheckLayout {
  /** Columns to wrap lines at; null for lines as long as they are. */
  readonly columns: number | null;
  readonly bold: (text: string) => string;
}

/**
 * Findings by file, as lines that editors jump from, `FILE:LINE:COLUMN: severity: message [rule]`, with what shows them
 * below; then why each rule is one, a summary of the rules' families, and what is left for a series on APX to do.
 */
export function checkText(
  model: RegisterModel,
  findings: readonly Finding[],
  rules: readonly Rule[],
  { columns, bold }: CheckLayout,
): string {
  const files = [...new Set(findings.map((finding) => finding.file))];
  const blocks = files.map((file) => {
    const own = findings.filter((finding) => finding.file === file);
    return [
      bold(file),
      ...own.flatMap((finding) => findingLines(model, finding).map((line) => wrapLine(line, columns))),
    ];
  });
  const reasons = rules
    .filter((rule) => findings.some((finding) => finding.rule === rule.id))
    .map((rule) => [bold(`[${rule.id}]`), wrapLine(`  ${rule.title} ${rule.why}`, columns)]);
  const summary = FAMILIES.filter((family) => rules.some((rule) => rule.family === family)).map((family) =>
    wrapLine(SUMMARIES[family](findings.filter((finding) => ruleOf(finding)?.family === family)), columns),
  );
  const left = rules.some((rule) => rule.family === 'apx')
    ? leftBlock(seriesLeft(model, findings, rules)).map((line) => wrapLine(line, columns))
    : [];
  return [...blocks, ...reasons, summary, ...(left.length > 0 ? [left] : [])]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function leftBlock(tasks: readonly string[]): string[] {
  if (tasks.length === 0) return [];
  return ['Left for a series that gives guests R16-R31:', ...tasks.map((task) => `- ${task}`)];
}

function findingLines(model: RegisterModel, finding: Finding): string[] {
  const { file, span, message, rule, related } = finding;
  return [
    `${placeText(model, file, span)}: ${ruleOf(finding)?.severity ?? 'info'}: ${message} [${rule}]`,
    ...related.map((place) => `  ${placeText(model, place.file, place.span)}: note: ${place.message}`),
  ];
}

function placeText(model: RegisterModel, file: string, span: Span): string {
  const source = sourceOf(model, file);
  const { line, column } = source ? locationAt(source, span.start) : { line: 1, column: 1 };
  return `${file}:${String(line)}:${String(column)}`;
}

const FAMILIES: readonly RuleFamily[] = ['tracking', 'apx'];

const SUMMARIES: Readonly<Record<RuleFamily, (findings: readonly Finding[]) => string>> = {
  tracking: (findings) =>
    findings.length === 0
      ? 'No mistake in register tracking was found.'
      : `${countOf(findings)} with a mistake in register tracking.`,
  apx: (findings) => {
    const moves = findings.filter(({ rule }) => rule === guestXcr0.id);
    const narrow = findings.filter(({ rule }) => rule !== guestXcr0.id);
    return [
      narrow.length === 0
        ? 'Nothing was found that holds fewer than 32 general-purpose registers.'
        : `${countOf(narrow)} with room for fewer than 32 general-purpose registers.`,
      ...(moves.length > 0 ? [`${countOf(moves)} with moves of R16-R31 that guests without APX come to.`] : []),
    ].join(' ');
  },
};

/** `46 places in 14 files` */
function countOf(findings: readonly Finding[]): string {
  const files = new Set(findings.map((finding) => finding.file)).size;
  return `${countText(findings.length, 'place')} in ${countText(files, 'file')}`;
}

/** What a line goes on with below its beginning. */
const INDENT = '    ';

/** A line cut at blanks so that it fits; a word that is longer stays whole. */
function wrapLine(line: string, columns: number | null): string {
  if (columns === null || line.length <= columns) return line;
  const at = line.slice(0, columns + 1).lastIndexOf(' ');
  return at <= INDENT.length ? line : `${line.slice(0, at)}\n${wrapLine(`${INDENT}${line.slice(at + 1)}`, columns)}`;
}

/** The rule that a finding is of. */
export function ruleOf(finding: Finding) {
  return RULES.find((rule) => rule.id === finding.rule);
}
