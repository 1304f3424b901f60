import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveModel } from '../../model/xsave/xsaveModel.js';
import { maskLines, rulesByFunction } from '../../explain/xsave/gates.js';
import { COMPONENT_TITLES, componentRows, specialCases } from '../../explain/xsave/componentRows.js';
import { sections, type Section, type StepText } from '../../explain/xsave/xsaveSteps.js';

/** Columns that the output fits, where a terminal has no other. */
const USUAL_COLUMNS = 100;
const FEWEST_COLUMNS = 60;

/** XSAVE state as text for a terminal of a width in columns; longer lines are wrapped. */
export function xsaveText(model: RegisterModel, columns: number | undefined, bold: (text: string) => string): string {
  const width = Math.max(FEWEST_COLUMNS, Math.min(columns ?? USUAL_COLUMNS, USUAL_COLUMNS));
  const { xsave } = model;
  return [
    `Linux ${model.kernel ?? '(version not stated)'}: XSAVE state, what guests may enable, and who switches and copies it`,
    '',
    ...componentTable(xsave, bold),
    ...labelledGroups(
      bold('Special cases'),
      specialCases(xsave).map(({ names, lines }) => [names.join(', '), lines]),
      width,
    ),
    ...labelledGroups(
      bold('What guests may enable'),
      xsave.masks.map((mask) => [mask.register, maskLines(xsave, mask)]),
      width,
    ),
    ...labelledGroups(bold("A guest's new XCR0 is refused if"), rulesByFunction(xsave.rules), width),
    ...sectionsText(sections(model), width, bold),
    '',
  ].join('\n');
}

function componentTable(model: XsaveModel, bold: (text: string) => string): string[] {
  const rows = componentRows(model);
  if (rows.length === 0) return ['This tree has no enum xfeature: its FPU core is not there.'];
  const widths = COMPONENT_TITLES.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [bold(line(COMPONENT_TITLES)), ...rows.map(line)];
}

/** A title, then groups: a label on a line of its own, its lines indented under it. */
function labelledGroups(
  title: string,
  groups: readonly (readonly [label: string, lines: readonly string[]])[],
  width: number,
): string[] {
  if (groups.length === 0) return [];
  return [
    '',
    title,
    ...groups.flatMap(([label, lines]) => [`  ${label}`, ...lines.flatMap((line) => wrapText(line, 4, width))]),
  ];
}

function sectionsText(all: readonly Section[], width: number, bold: (text: string) => string): string[] {
  // The way down to the instruction is shown once.
  const shown = new Set<string>();
  return all.flatMap(({ title, steps }) => {
    const [sides, moves] = [steps.map((step) => step.side.length), steps.map((step) => step.what.length)];
    const widths = { side: Math.max(...sides), move: Math.min(WIDEST_MOVE, Math.max(...moves)) };
    const lines = steps.flatMap((step) => {
      const isNew = !shown.has(step.through);
      shown.add(step.through);
      return stepLines(isNew ? step : { ...step, through: '' }, widths, width);
    });
    return ['', bold(title), ...lines];
  });
}

const WIDEST_MOVE = 42;

function stepLines(step: StepText, widths: { readonly side: number; readonly move: number }, width: number): string[] {
  const { side, what, where, by, through, guards } = step;
  const indent = 2 + widths.side + 2;
  const head = `  ${side.padEnd(widths.side)}  ${what.padEnd(widths.move)}`;
  const first =
    `${head}  ${where}`.length <= width
      ? [`${head}  ${where}`]
      : [head.trimEnd(), ...wrapText(`in ${where}`, indent, width)];
  return [
    ...first,
    ...(by === '' ? [] : wrapText(`by ${by}`, indent, width)),
    ...(through === '' ? [] : wrapText(`through ${through}`, indent, width)),
    ...(guards === '' ? [] : wrapText(`if ${guards}`, indent, width)),
  ];
}

/** A line with an indent, broken at spaces where it is too long; what follows is indented by two more. */
function wrapText(text: string, indent: number, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  let margin = indent;
  while (margin + rest.length > width) {
    const room = width - margin;
    const space = rest.lastIndexOf(' ', room);
    const end = space > room / 3 ? space : rest.indexOf(' ', room);
    if (end < 0) break;
    lines.push(' '.repeat(margin) + rest.slice(0, end).trimEnd());
    rest = rest.slice(end + 1);
    margin = indent + 2;
  }
  return [...lines, ' '.repeat(margin) + rest];
}
