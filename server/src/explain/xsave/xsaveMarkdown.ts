import type { RegisterModel } from '../../model/registerModel.js';
import { escapeAroundEvidence, escapeMarkdown } from '../markdownText.js';
import { maskLines, rulesByFunction } from './gates.js';
import { COMPONENT_TITLES, componentRows, specialCases } from './componentRows.js';
import { sections } from './xsaveSteps.js';

/** XSAVE state as lines of Markdown: tables, and lists for what is said in sentences. */
export function xsaveMarkdown(model: RegisterModel): string[] {
  const { xsave } = model;
  return [
    `# Linux ${model.kernel ?? '(version not stated)'}: XSAVE state`,
    ...table(COMPONENT_TITLES, componentRows(xsave)),
    ...list(
      'Special cases',
      specialCases(xsave).map(({ names, lines }) => [names.join(', '), lines]),
    ),
    ...list(
      'What guests may enable',
      xsave.masks.map((mask) => [mask.register, maskLines(xsave, mask)]),
    ),
    ...list("A guest's new XCR0 is refused if", rulesByFunction(xsave.rules)),
    ...sections(model).flatMap(({ title, steps }) => [
      '',
      `## ${title}`,
      ...table(
        ['side', 'what', 'where', 'called by', 'through', 'if'],
        steps.map(({ side, what, where, by, through, guards }) => [side, what, where, by, through, guards]),
      ),
    ]),
  ];
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const escaped = rows.map((cells) => cells.map(escapeAroundEvidence));
  return ['', line(titles), line(titles.map(() => '---')), ...escaped.map(line)];
}

function list(title: string, groups: readonly (readonly [string, readonly string[]])[]): string[] {
  if (groups.length === 0) return [];
  return [
    '',
    `## ${title}`,
    ...groups.flatMap(([label, lines]) => [
      '',
      `**${escapeMarkdown(label)}**`,
      '',
      ...lines.map((line) => `- ${escapeAroundEvidence(line)}`),
    ]),
  ];
}
