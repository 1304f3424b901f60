import { evidenceText } from '../../explain/explanation.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { GuestMask, Xcr0Rule, XsaveModel } from '../../model/xsave/xsaveModel.js';
import { COMPONENT_TITLES, componentRows, shortName, specialCases } from './rows.js';
import { sections, type Section, type StepText } from './steps.js';

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
    ...labelled(
      bold('Special cases'),
      specialCases(xsave).map(({ names, lines }) => [names.join(', '), lines]),
      width,
    ),
    ...labelled(
      bold('What guests may enable'),
      xsave.masks.map((mask) => [mask.register, maskLines(xsave, mask)]),
      width,
    ),
    ...labelled(bold("A guest's new XCR0 is refused if"), rulesByFunction(xsave.rules), width),
    ...sectionsText(sections(xsave), width, bold),
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

/** What a mask is made of, and what is taken out of it again. */
export function maskLines(model: XsaveModel, { macro, variable, bits, set, changes }: GuestMask): string[] {
  if (bits === 0n)
    return [
      `nothing: ${variable ?? 'its mask'} is 0 ${[...(set ? [set] : []), ...changes].map(evidenceText).join(' ')}`,
    ];
  const base = macro ? `${macro.name} ${evidenceText(macro)}, of that what the host has enabled` : 'nothing';
  const kept = variable !== null && set ? `: ${variable} ${evidenceText(set)}` : '';
  return [
    base + kept,
    ...changes.map((change) => {
      const names = model.components.filter(({ number }) => isIn(change.cleared, number)).map(shortName);
      const what = names.length === model.components.length ? 'all' : names.join(', ');
      const when = change.guards.length > 0 ? ` if ${change.guards.join(' && ')}` : '';
      return `without ${what}${when}: ${change.function} ${evidenceText(change)}`;
    }),
  ];
}

function isIn(bits: bigint, number: number | null): boolean {
  return number !== null && ((bits >> BigInt(number)) & 1n) === 1n;
}

/** The rules for a new XCR0 by the function that has them. */
export function rulesByFunction(rules: readonly Xcr0Rule[]): (readonly [string, readonly string[]])[] {
  const names = [...new Set(rules.map((rule) => rule.function))];
  return names.map((name) => [
    name,
    rules.filter((rule) => rule.function === name).map((rule) => `${rule.refused} ${evidenceText(rule)}`),
  ]);
}

/** A title, then groups: a label on a line of its own, its lines indented under it. */
function labelled(
  title: string,
  groups: readonly (readonly [label: string, lines: readonly string[]])[],
  width: number,
): string[] {
  if (groups.length === 0) return [];
  return [
    '',
    title,
    ...groups.flatMap(([label, lines]) => [`  ${label}`, ...lines.flatMap((line) => wrapped(line, 4, width))]),
  ];
}

function sectionsText(all: readonly Section[], width: number, bold: (text: string) => string): string[] {
  // The way down to the instruction is told once.
  const told = new Set<string>();
  return all.flatMap(({ title, steps }) => {
    const [sides, moves] = [steps.map((step) => step.side.length), steps.map((step) => step.what.length)];
    const widths = { side: Math.max(...sides), move: Math.min(WIDEST_MOVE, Math.max(...moves)) };
    const lines = steps.flatMap((step) => {
      const isNew = !told.has(step.through);
      told.add(step.through);
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
      : [head.trimEnd(), ...wrapped(`in ${where}`, indent, width)];
  return [
    ...first,
    ...(by === '' ? [] : wrapped(`by ${by}`, indent, width)),
    ...(through === '' ? [] : wrapped(`through ${through}`, indent, width)),
    ...(guards === '' ? [] : wrapped(`if ${guards}`, indent, width)),
  ];
}

/** A line with an indent, broken at spaces where it is too long; what follows is indented by two more. */
function wrapped(text: string, indent: number, width: number): string[] {
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
