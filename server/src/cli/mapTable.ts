import { isOpen } from '../backends/owner.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import { wordsOf, type Words } from '../explain/words.js';
import { countText } from './counts.js';
import { shortPath } from '../explain/explanation.js';
import { registerNames } from '../explain/registerNames.js';

/** A register's row: its name and a cell for each backend; consecutive registers with the same cells share one row. */
interface Row {
  readonly names: readonly string[];
  readonly cells: readonly string[];
}

/** The map as a table for a terminal of a width in columns; cells that do not fit are cut. */
export function mapText(model: RegisterModel, columns: number, bold: (text: string) => string): string {
  const rows = rowsOf(model);
  const names = Math.max(8, ...rows.map((row) => registerNames(row.names).length)) + 2;
  const backends = model.backends.length;
  const widest = model.backends.map(
    (backend, i) =>
      Math.max(
        backend.name.length,
        ...rows.filter((row) => row.cells.length > 1).map((row) => (row.cells[i] ?? '').length),
      ) + 2,
  );
  const space = Math.max(columns - names, backends * 10);
  const widths = fitWidths(widest, space);
  const line = (name: string, cells: readonly string[]) =>
    (
      name.padEnd(names) + cells.map((cell, i) => fitText(cell, (widths[i] ?? 10) - 2).padEnd(widths[i] ?? 10)).join('')
    ).trimEnd();
  const head = bold(
    line(
      '',
      model.backends.map((backend) => backend.title),
    ),
  );
  const body = rows.map((row) =>
    row.cells.length === 1
      ? `${registerNames(row.names).padEnd(names)}${row.cells[0] ?? ''}`.trimEnd()
      : line(registerNames(row.names), row.cells),
  );
  return [titleOf(model), '', head, ...body, ...problemLines(model), ''].join('\n');
}

/** The map as a Markdown table. */
export function mapMarkdown(model: RegisterModel): string {
  const escaped = (cell: string) => cell.replace(/\|/g, '\\|');
  const titles = ['', ...model.backends.map((backend) => backend.title)];
  const rows = rowsOf(model).map((row) => [
    registerNames(row.names),
    ...(row.cells.length === 1 ? model.backends.map(() => row.cells[0] ?? '') : row.cells),
  ]);
  const lines = [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  return [titleOf(model), '', ...lines, ''].join('\n');
}

function titleOf(model: RegisterModel): string {
  return `Linux ${model.kernel ?? '(version not stated)'}: where each guest register is while the guest runs`;
}

function rowsOf(model: RegisterModel): Row[] {
  const rows: Row[] = [];
  for (const register of model.registers) {
    const cells = cellsOf(model, register);
    const last = rows.at(-1);
    if (last?.cells.length === cells.length && last.cells.every((cell, i) => cell === cells[i]))
      rows[rows.length - 1] = { names: [...last.names, register.register], cells };
    else rows.push({ names: [register.register], cells });
  }
  return rows;
}

/** A cell for each backend; one cell for all when no backend tracks the register. */
function cellsOf(model: RegisterModel, register: Register): string[] {
  const [first] = register.owners;
  if (first && !register.member && register.transfers.length === 0) {
    // What follows of it is for the owner command.
    const sentence = ownerSummary(model, register, first)
      .replace(/^R\d+ (?:lives in the |is )/, '')
      .replace(/\.(?: .*)?$/, '')
      .replace(/\[([^\]]+)\]/g, (_, path: string) => `[${shortPath(path)}]`);
    return [`${first.sync}  ${sentence}`];
  }
  return model.backends.map((backend) =>
    register.owners
      .filter((owner) => owner.backend === backend.name)
      .slice(0, 1)
      .map((owner) => cellOf(wordsOf(model), owner))
      .join(''),
  );
}

function cellOf(words: Words, owner: RegisterOwner): string {
  const isHalfKnown = owner.sync !== 'unknown' && isOpen(owner.unknown);
  const condition = `${owner.when === null ? '' : '*'}${isHalfKnown ? '?' : ''}${owner.missing.length > 0 ? ', incomplete' : ''}`;
  switch (owner.sync) {
    case 'switched':
    case 'protected':
    case 'none':
    case 'intercepted':
    case 'unknown':
      return owner.sync + condition;
    default:
      return `${owner.sync.padEnd(8)}${cellPlace(words, owner)}${condition}`;
  }
}

/** The place as a cell has room for it: the field of a VMCS or VMCB alone, several members of one struct as `save.*`. */
function cellPlace(words: Words, { place }: RegisterOwner): string {
  if (place.kind === 'hardware') return place.kind;
  const name = place.name.replace(/\{.*\}$/, '*');
  return `${words.place(place.kind).cell}${name}`;
}

function fitText(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

/** Widths that sum up to `space` at the most: the widest give way first. */
function fitWidths(widest: readonly number[], space: number): number[] {
  const widths = [...widest];
  let over = widths.reduce((sum, width) => sum + width, 0) - space;
  while (over > 0) {
    const largest = widths.indexOf(Math.max(...widths));
    const width = widths[largest] ?? 0;
    if (width <= 12) break;
    widths[largest] = width - 1;
    over--;
  }
  return widths;
}

function problemLines(model: RegisterModel): string[] {
  const owners = model.registers.flatMap((register) => register.owners);
  const lines = [
    ...(owners.some(({ when }) => when !== null) ? ['* holds under a condition; see kvm-regs owner'] : []),
    ...(owners.some(({ missing }) => missing.length > 0) ? ['incomplete: kvm-regs owner says what is missing'] : []),
    ...(owners.some(({ unknown }) => isOpen(unknown))
      ? ['unknown, or ?: kvm-regs owner says what is not understood']
      : []),
  ];
  const legend = lines.length > 0 ? ['', ...lines] : [];
  if (model.problems.length === 0) return legend;
  const shown = model.problems
    .slice(0, 5)
    .map(
      (problem) => `  ${problem.file}${problem.line === null ? '' : `:${String(problem.line)}`}: ${problem.message}`,
    );
  return [
    ...legend,
    '',
    `${countText(model.problems.length, 'problem')}:`,
    ...shown,
    ...(model.problems.length > 5 ? ['  ... (all with --json)'] : []),
  ];
}
