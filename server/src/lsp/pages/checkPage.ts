import type { Page } from '../../../../protocol/protocol.js';
import type { Finding, RuleFamily } from '../../check/finding.js';
import { RULES } from '../../check/rules.js';
import { escapeMarkdown } from '../../explain/markdownText.js';
import { sourceOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { lineAt, type Span } from '../../syntax/text/sourceText.js';
import type { TreeModel } from '../engine/trees.js';
import { evidenceLink, relativeTarget } from '../markdown.js';
import { directoryUri } from '../positions.js';
import { countText } from '../../explain/counts.js';
import { treeTitle } from './treeTitle.js';

/** The mistakes in register tracking that a tree has, and what of it is not understood, so that they may be more. */
export function checkPage(tree: TreeModel, all: readonly Finding[]): Page {
  const { model, root } = tree;
  const findings = ofFamily(all, 'tracking');
  const readiness = ofFamily(all, 'apx').length;
  const lines = [
    `# ${escapeMarkdown(treeTitle(model))}: register tracking`,
    '',
    findings.length === 0
      ? `The ${String(rulesOf('tracking').length)} rules find nothing.`
      : `${countText(findings.length, 'finding')}.`,
    ...findingsByFile(tree, findings),
    '',
    '## APX readiness',
    '',
    `${countText(readiness, 'place')} ${readiness === 1 ? 'holds' : 'hold'} fewer than 32 general-purpose registers. [Show APX Readiness](command:kvmRegs.showApxReadiness) lists them.`,
    '',
    `## Not understood`,
    '',
    ...problemLines(model),
    '',
  ];
  return { title: 'Check', root: directoryUri(root), markdown: lines.join('\n') };
}

/** Each place that holds fewer than 32 general-purpose registers. */
export function readinessPage(tree: TreeModel, all: readonly Finding[]): Page {
  const findings = ofFamily(all, 'apx');
  const files = new Set(findings.map(({ file }) => file));
  const lines = [
    `# ${escapeMarkdown(treeTitle(tree.model))}: APX readiness`,
    '',
    `${countText(findings.length, 'place')} in ${countText(files.size, 'file')} ${findings.length === 1 ? 'holds' : 'hold'} fewer than the 32 general-purpose registers of Intel APX.`,
    ...findingsByFile(tree, findings),
    '',
  ];
  return { title: 'APX Readiness', root: directoryUri(tree.root), markdown: lines.join('\n') };
}

function rulesOf(family: RuleFamily): string[] {
  return RULES.filter((rule) => rule.family === family).map(({ id }) => id);
}

function ofFamily(findings: readonly Finding[], family: RuleFamily): Finding[] {
  const rules = rulesOf(family);
  return findings.filter(({ rule }) => rules.includes(rule));
}

/** Findings under their files, with what else shows them. */
function findingsByFile({ model }: TreeModel, findings: readonly Finding[]): string[] {
  const link = (file: string, span: Span) => evidenceLink({ file, line: lineOf(model, file, span) }, relativeTarget);
  return [...new Set(findings.map(({ file }) => file))].flatMap((file) => [
    '',
    `## ${escapeMarkdown(file)}`,
    '',
    ...findings
      .filter((finding) => finding.file === file)
      .flatMap(({ span, message, rule, related }) => [
        `- ${link(file, span)} ${escapeMarkdown(message)} \`${rule}\``,
        ...related.map((place) => `  - ${link(place.file, place.span)} ${escapeMarkdown(place.message)}`),
      ]),
  ]);
}

function lineOf(model: RegisterModel, file: string, { start }: Span): number {
  const source = sourceOf(model, file);
  return source ? lineAt(source, start) : 1;
}

function problemLines({ problems }: RegisterModel): string[] {
  if (problems.length === 0) return ['No problem is known.'];
  return problems.map(
    ({ file, line, message }) =>
      `- ${evidenceLink({ file, line: line ?? 1 }, relativeTarget)} ${escapeMarkdown(message)}`,
  );
}
