import { guestXcr0 } from '../check/apx/guestXcr0.js';
import { unjudged } from '../check/checkTree.js';
import type { Finding, Rule, RuleFamily } from '../check/finding.js';
import { RULES } from '../check/rules.js';
import { sourceOf } from '../model/query/text.js';
import type { RegisterModel } from '../model/registerModel.js';
import { countText } from '../explain/counts.js';
import { heading, placeLine, type Line } from './lines.js';
import { seriesLeft } from './seriesLeft.js';
import { lineAt, locationAt, type Span } from '../syntax/text/sourceText.js';

/** Findings in the contract's form, with what of the tree could not be read. */
export function checkJson(model: RegisterModel, findings: readonly Finding[]): object {
  return { schema: 1, findings: findings.map((finding) => findingJson(model, finding)), problems: model.unread };
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

/**
 * Findings by file, mistakes before what APX needs, as lines that editors jump from, `FILE:LINE:COLUMN: severity: message [rule]`, with
 * what shows them below; then why each rule is one, a summary of the rules' families, and what is left for a series on APX to do.
 */
export function checkLines(model: RegisterModel, findings: readonly Finding[], rules: readonly Rule[]): Line[] {
  const byFile = FAMILIES.flatMap((family) =>
    fileBlocks(
      model,
      findings.filter((finding) => ruleOf(finding)?.family === family),
    ),
  );
  const reasons = rules
    .filter((rule) => findings.some((finding) => finding.rule === rule.id))
    .map((rule) => [heading(`[${rule.id}]`), `  ${rule.title} ${rule.why}`]);
  const open = unjudged(model).length;
  const summary = FAMILIES.filter((family) => rules.some((rule) => rule.family === family)).map((family) =>
    SUMMARIES[family](
      findings.filter((finding) => ruleOf(finding)?.family === family),
      open,
    ),
  );
  const left = rules.some((rule) => rule.family === 'apx') ? leftBlock(seriesLeft(model, findings, rules)) : [];
  return [...byFile, ...reasons, summary, left]
    .filter((block) => block.length > 0)
    .flatMap((block, i) => [...(i === 0 ? [] : ['']), ...block]);
}

/** For each file that has findings a heading and their lines. */
function fileBlocks(model: RegisterModel, findings: readonly Finding[]): Line[][] {
  const files = [...new Set(findings.map((finding) => finding.file))];
  return files.map((file) => {
    const own = findings.filter((finding) => finding.file === file);
    return [heading(file), ...own.flatMap((finding) => findingLines(model, finding))];
  });
}

function leftBlock(tasks: readonly string[]): Line[] {
  if (tasks.length === 0) return [];
  return ['Left for a series that gives guests R16-R31:', ...tasks.map((task) => ({ text: `- ${task}`, hang: 2 }))];
}

function findingLines(model: RegisterModel, finding: Finding): Line[] {
  const { file, span, message, rule, related } = finding;
  return [
    placeLine(`${placeText(model, file, span)}: ${ruleOf(finding)?.severity ?? 'info'}: ${message} [${rule}]`),
    ...related.map((place) => placeLine(`  ${placeText(model, place.file, place.span)}: note: ${place.message}`)),
  ];
}

function placeText(model: RegisterModel, file: string, span: Span): string {
  const source = sourceOf(model, file);
  const { line, column } = source ? locationAt(source, span.start) : { line: 1, column: 1 };
  return `${file}:${String(line)}:${String(column)}`;
}

/** In the order in which they are told: mistakes first. */
const FAMILIES: readonly RuleFamily[] = ['tracking', 'apx'];

/** What is said of a family's findings; `open`: how many files and parts of files could not be read. */
const SUMMARIES: Readonly<Record<RuleFamily, (findings: readonly Finding[], open: number) => string>> = {
  tracking: (findings, open) => {
    if (open > 0) return `Register tracking was not judged: ${countText(open, 'part')} of the tree could not be read.`;
    return findings.length === 0
      ? 'No mistake in register tracking was found.'
      : `${countOf(findings)} with a mistake in register tracking.`;
  },
  apx: (findings, open) => {
    const scope = open > 0 ? ' in what could be read' : '';
    const moves = findings.filter(({ rule }) => rule === guestXcr0.id);
    const narrow = findings.filter(({ rule }) => rule !== guestXcr0.id);
    return [
      narrow.length === 0
        ? `Nothing was found${scope} that holds fewer than 32 general-purpose registers.`
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

/** The rule that a finding is of. */
export function ruleOf(finding: Finding) {
  return RULES.find((rule) => rule.id === finding.rule);
}
