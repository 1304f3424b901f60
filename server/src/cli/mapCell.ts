/** What a cell of the map says: how a register is kept for a backend, and where. '' for what it does not say. */
export interface Cell {
  /** `lazy` */
  readonly sync: string;
  /** What the place is of, where its name does not tell: `GHCB`. */
  readonly kind: string;
  /** `GUEST_RSP` */
  readonly name: string;
  /** `*` for a condition, `?` for what is known one way only. */
  readonly marks: string;
  /** Whether the kind is what the column is called: then a short cell leaves it out. */
  readonly isOwnKind: boolean;
}

/** `partial GHCB rax` in full, `partial GHCB` short. */
export type CellForm = 'full' | 'short';

/** The words for how a register is kept are so long, so that in full the places stand below each other. */
const SYNC_WIDTH = 8;

/** A cell's whole text. */
export function cellText(cell: Cell, form: CellForm): string {
  return beginningOf(cell, form) + endOf(cell, form) + cell.marks;
}

/** A cell of a width at the most: the place's name is cut before its marks are. */
export function fitCell(cell: Cell, form: CellForm, width: number): string {
  const text = cellText(cell, form);
  if (text.length <= width) return text;
  const marks = cell.marks.length <= 2 ? cell.marks : '';
  return `${text.slice(0, Math.max(1, width - 1 - marks.length)).trimEnd()}…${marks}`;
}

function beginningOf({ sync, kind, name }: Cell, form: CellForm): string {
  if (kind === '' && name === '') return sync;
  return form === 'full' ? sync.padEnd(SYNC_WIDTH) : `${sync} `;
}

function endOf({ kind, name, isOwnKind }: Cell, form: CellForm): string {
  if (form === 'full') return [kind, name].filter((part) => part !== '').join(' ');
  return kind === '' || isOwnKind ? name : kind;
}
