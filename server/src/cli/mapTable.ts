import { isOpen } from '../backends/owner.js';
import type { Register, RegisterModel, RegisterOwner } from '../model/registerModel.js';
import { isConditional } from '../model/query/conditionalOwners.js';
import type { TreeBackend } from '../model/treeBackends.js';
import { ownerSummary } from '../explain/ownerSummary.js';
import { shortField } from '../explain/transferPhrases.js';
import { wordsOf, type Words } from '../explain/words.js';
import { shortPath } from '../explain/explanation.js';
import { escapeAroundEvidence, escapeMarkdown } from '../explain/markdownText.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import { heading, type Line } from './lines.js';
import { cellText, fitCell, type Cell, type CellForm } from './mapCell.js';
import { problemLines } from './problems.js';

/**
 * A register's row: its name and a cell for each backend, or one sentence for all of them. Consecutive registers with the same
 * share one row.
 */
interface Row {
  readonly names: readonly string[];
  readonly cells: readonly Cell[] | string;
}

/** Blanks between columns. */
const GAP = 2;

/** A column is never narrower, in columns of the terminal. */
const NARROWEST = 5;

/** The map as a table of a width in columns: columns are short where not all of them fit in full, and cut where that is too long. */
export function mapLines(model: RegisterModel, width: number): Line[] {
  const rows = rowsOf(model);
  const names = Math.max(8, ...rows.map((row) => registerNames(row.names).length)) + GAP;
  const columns = fitColumns(
    model.backends.map((_, i) => columnOf(model, rows, i)),
    width - names,
  );
  const line = (name: string, texts: readonly string[]) =>
    (name.padEnd(names) + texts.map((text, i) => text.padEnd((columns[i]?.width ?? 0) + GAP)).join('')).trimEnd();
  const titles = model.backends.map((backend) => backend.title);
  const body = rows.map(({ names: registers, cells }): Line => {
    const name = registerNames(registers);
    if (typeof cells === 'string') return { text: `${name.padEnd(names)}${cells}`.trimEnd(), hang: names };
    return line(
      name,
      columns.map((column, i) => fitCell(cells[i] ?? NO_CELL, column.form, column.width)),
    );
  });
  return [titleOf(model), '', heading(line('', titles)), ...body, ...legendLines(model), ...problemLines(model)];
}

/** The map as a Markdown table. */
export function mapMarkdown(model: RegisterModel): Line[] {
  const titles = ['', ...model.backends.map((backend) => backend.title)];
  const rows = rowsOf(model).map(({ names, cells }) => [
    registerNames(names),
    ...(typeof cells === 'string' ? model.backends.map(() => cells) : cells.map((cell) => cellText(cell, 'full'))),
  ]);
  const escaped = rows.map((cells) => cells.map(escapeAroundEvidence));
  const lines = [titles, titles.map(() => '---'), ...escaped].map((cells) => `| ${cells.join(' | ')} |`);
  return [escapeMarkdown(titleOf(model)), '', ...lines];
}

function titleOf(model: RegisterModel): string {
  return `Linux ${model.kernel ?? '(version not stated)'}: where each guest register is while the guest runs`;
}

function rowsOf(model: RegisterModel): Row[] {
  const rows: Row[] = [];
  const keyOf = (cells: Row['cells']) =>
    typeof cells === 'string' ? cells : cells.map((cell) => cellText(cell, 'full')).join('\n');
  for (const register of model.registers) {
    const cells = cellsOf(model, register);
    const last = rows.at(-1);
    if (last && keyOf(last.cells) === keyOf(cells))
      rows[rows.length - 1] = { names: [...last.names, register.register], cells };
    else rows.push({ names: [register.register], cells });
  }
  return rows;
}

/** A cell for each backend; one sentence for all when no backend tracks the register. */
function cellsOf(model: RegisterModel, register: Register): Row['cells'] {
  const [first] = register.owners;
  if (first && !register.member && register.transfers.length === 0) {
    // What follows of it is for the owner command.
    const sentence = ownerSummary(model, register, first)
      .replace(/^R\d+ (?:lives in the |is )/, '')
      .replace(/\.(?: .*)?$/, '')
      .replace(/(?<!-)\bR\d+\b(?!-)/, 'it') // the row's name says which, and registers with the same sentence share a row
      .replace(/\[([^[\]]+)\]/g, (_, path: string) => `[${shortPath(path)}]`);
    return `${first.sync}  ${sentence}`;
  }
  return model.backends.map((backend) => {
    const owner = register.owners.find((own) => own.backend === backend.name);
    return owner ? cellOf(wordsOf(model), backend, register, owner) : NO_CELL;
  });
}

const NO_CELL: Cell = { sync: '', kind: '', name: '', marks: '', isOwnKind: false };

function cellOf(words: Words, { title }: TreeBackend, register: Register, owner: RegisterOwner): Cell {
  const { sync, place, unknown, missing } = owner;
  const isHalfKnown = sync !== 'unknown' && isOpen(unknown);
  const marks = `${isConditional(register, owner) ? '*' : ''}${isHalfKnown ? '?' : ''}${missing.length > 0 ? ', incomplete' : ''}`;
  const isPlaced = !['switched', 'protected', 'none', 'intercepted', 'unknown'].includes(sync);
  if (!isPlaced) return { ...NO_CELL, sync, marks };
  if (place.kind === 'hardware') return { ...NO_CELL, sync, name: place.kind, marks };
  const kind = words.place(place.kind).cell.trimEnd();
  return { sync, kind, name: shortField(place.name), marks, isOwnKind: kind === title };
}

/** A column as it is shown: its width, and how wide it is in each form. */
interface Column {
  readonly form: CellForm;
  readonly width: number;
  readonly widths: Readonly<Record<CellForm, number>>;
}

/** The column of one of the backends, in full. */
function columnOf({ backends }: RegisterModel, rows: readonly Row[], backend: number): Column {
  const cells = rows.flatMap(({ cells: row }) => (typeof row === 'string' ? [] : [row[backend] ?? NO_CELL]));
  const title = backends[backend]?.title ?? '';
  const widest = (form: CellForm) => Math.max(title.length, ...cells.map((cell) => cellText(cell, form).length));
  const widths = { full: widest('full'), short: widest('short') };
  return { form: 'full', width: widths.full, widths };
}

/** Columns that fit into a space: first those are shortened that give most by that, then the widest give way. */
function fitColumns(all: readonly Column[], space: number): readonly Column[] {
  const columns = [...all];
  const over = () => columns.reduce((sum, { width }) => sum + width, GAP * (columns.length - 1)) - space;
  const change = (from: Column, to: Partial<Column>) => {
    columns[columns.lastIndexOf(from)] = { ...from, ...to };
  };
  while (over() > 0) {
    const saved = ({ width, widths }: Column) => width - widths.short;
    const [most] = columns.filter(({ form }) => form === 'full').sort((a, b) => saved(b) - saved(a));
    if (!most) break;
    change(most, { form: 'short', width: most.widths.short });
  }
  while (over() > 0) {
    const [widest] = [...columns].sort((a, b) => b.width - a.width);
    if (!widest || widest.width <= NARROWEST) break;
    change(widest, { width: widest.width - 1 });
  }
  return columns;
}

function legendLines({ registers }: RegisterModel): Line[] {
  const owners = registers.flatMap((register) => register.owners);
  const areSome = registers.some((register) => register.owners.some((owner) => isConditional(register, owner)));
  const lines = [
    ...(areSome ? ['* holds under a condition; see kvm-regs owner'] : []),
    ...(owners.some(({ missing }) => missing.length > 0) ? ['incomplete: kvm-regs owner says what is missing'] : []),
    ...(owners.some(({ unknown }) => isOpen(unknown))
      ? ['unknown, or ?: kvm-regs owner says what is not understood']
      : []),
  ];
  return lines.length > 0 ? ['', ...lines] : [];
}
