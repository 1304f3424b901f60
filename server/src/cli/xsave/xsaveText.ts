import type { RegisterModel } from '../../model/registerModel.js';
import type { XsaveModel } from '../../model/xsave/xsaveModel.js';
import { unreadFiles } from '../../model/query/unreadFiles.js';
import { heading, type Line } from '../lines.js';
import { maskLines, rulesByFunction } from '../../explain/xsave/gates.js';
import { COMPONENT_TITLES, componentRows, specialCases } from '../../explain/xsave/componentRows.js';
import { sections, type Section, type StepText } from '../../explain/xsave/xsaveSteps.js';

/** XSAVE state as lines; the table leaves out the components' sizes where it is too wide with them. */
export function xsaveLines(model: RegisterModel, width: number): Line[] {
  const { xsave } = model;
  const kernel = model.kernel ?? '(version not stated)';
  return [
    `Linux ${kernel}: XSAVE state, what guests may enable, and who switches and copies it`,
    '',
    ...componentTable(xsave, width, unreadFiles(model).length === 0),
    ...labelledGroups(
      'Special cases',
      specialCases(xsave).map(({ names, lines }) => [names.join(', '), lines]),
    ),
    ...labelledGroups(
      'What guests may enable',
      xsave.masks.map((mask) => [mask.register, maskLines(xsave, mask)]),
    ),
    ...labelledGroups("A guest's new XCR0 is refused if", rulesByFunction(xsave.rules)),
    ...sectionLines(sections(model), width),
  ];
}

const NO_COMPONENTS = 'This tree has no enum xfeature: which components there are is not known.';

function componentTable(model: XsaveModel, width: number, isWhole: boolean): Line[] {
  const rows = componentRows(model);
  if (rows.length === 0) return [isWhole ? NO_COMPONENTS : 'No enum xfeature is in what could be read of this tree.'];
  const whole = tableLines([COMPONENT_TITLES, ...rows]);
  const size = COMPONENT_TITLES.indexOf('size');
  const without = (cells: readonly string[]) => cells.filter((_, i) => i !== size);
  const isTooWide = whole.some((line) => line.length > width);
  const [title = '', ...lines] = isTooWide ? tableLines([COMPONENT_TITLES, ...rows].map(without)) : whole;
  return [heading(title), ...lines];
}

/** Rows with their cells below each other; the first column is of numbers. */
function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** A title, then groups: a label on a line of its own, its lines indented under it. */
function labelledGroups(
  title: string,
  groups: readonly (readonly [label: string, lines: readonly string[]])[],
): Line[] {
  if (groups.length === 0) return [];
  return [
    '',
    heading(title),
    ...groups.flatMap(([label, lines]) => [`  ${label}`, ...lines.map((line) => indented(line, 4))]),
  ];
}

/** A line at an indent; what goes on below is indented by two more. */
function indented(text: string, indent: number): Line {
  return { text: ' '.repeat(indent) + text, hang: indent + 2 };
}

function sectionLines(all: readonly Section[], width: number): Line[] {
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
    return ['', heading(title), ...lines];
  });
}

const WIDEST_MOVE = 42;

function stepLines(step: StepText, widths: { readonly side: number; readonly move: number }, width: number): Line[] {
  const { side, what, where, by, through, guards } = step;
  const indent = 2 + widths.side + 2;
  const head = `  ${side.padEnd(widths.side)}  ${what.padEnd(widths.move)}`;
  const first =
    `${head}  ${where}`.length <= width
      ? [`${head}  ${where}`]
      : [{ text: head.trimEnd(), hang: indent + 2 }, indented(`in ${where}`, indent)];
  return [
    ...first,
    ...(by === '' ? [] : [indented(`by ${by}`, indent)]),
    ...(through === '' ? [] : [indented(`through ${through}`, indent)]),
    ...(guards === '' ? [] : [indented(`if ${guards}`, indent)]),
  ];
}
