import type {
  AlternativeBranch,
  AsmAlternative,
  AsmCode,
  AsmData,
  AsmInstruction,
  CodePlace,
} from '../assembler/instruction.js';
import { EXCEPTION_TABLE } from '../assembler/exceptionTable.js';
import type { AsmOperand } from '../assembler/operand.js';
import { controlOf, type Control } from './control.js';

/** An instruction, or the beginning of an ALTERNATIVE, and where control goes from there. Nodes are told by their index. */
export interface FlowNode {
  /** null for the beginning of an ALTERNATIVE. */
  readonly instruction: AsmInstruction | null;
  readonly alternative: AsmAlternative | null;
  readonly control: Control | 'alternative';
  /** What is behind it in its section; null at the section's end. */
  readonly next: number | null;
  /** Where its jump, branch or call leads; null for other instructions, and for a place outside of this code. */
  readonly target: number | null;
  /** Where an ALTERNATIVE's arguments begin; for an empty one what is behind them all. */
  readonly branches: readonly number[];
  /** The fix-up code that the exception table names for it; null without one. */
  readonly fixup: number | null;
}

/** The ways that control may take through assembled code, over all its sections and functions. */
export interface ControlFlowGraph {
  readonly nodes: readonly FlowNode[];
  /** The node behind a label that is not numeric, or behind one that a word of data has the address of; null without one. Of several files, the given one's comes first. */
  readonly labelled: (label: string, file?: string) => number | null;
  /** Labels that are not numeric, and that code or the exception table names. */
  readonly named: ReadonlySet<string>;
}

type Piece = AsmInstruction | AsmAlternative;

/**
 * Makes the graph of code, as a kernel has it that is built with some of it only. A node has the same index whatever is
 * built: what is left out is there, and nothing leads to it.
 */
export function controlFlowGraph(code: AsmCode, isBuilt: (place: CodePlace) => boolean = () => true): ControlFlowGraph {
  const { instructions, alternatives } = code;
  const pieces = [...instructions, ...alternatives].sort((a, b) => a.position - b.position);
  const built = pieces.map(isBuilt);
  const data = code.data.filter(isBuilt);
  const labels = labelTable(pieces, built, data);
  const behind = followers(pieces, built);
  const fixups = exceptionTable(data, labels);
  const branches = branchBeginnings(pieces, built);
  const nodes = pieces.map((piece, i): FlowNode => {
    const next = behind[i] ?? null;
    const fixup = fixups.get(i) ?? null;
    if ('branches' in piece) return alternativeNode(piece, next, branches.get(piece.position));
    const control = controlOf(piece);
    const label = control === 'next' ? null : targetLabel(piece.operands);
    const target = label === null ? null : labels.find(label, piece);
    return { instruction: piece, alternative: null, control, next, target, branches: NO_BRANCHES, fixup };
  });
  const used = [...instructions.flatMap(({ operands }) => targetLabel(operands) ?? []), ...data.flatMap(labelsInData)];
  return { nodes, labelled: (label, file) => labels.find(label, { position: 0, file }), named: new Set(used) };
}

const NO_BRANCHES: readonly number[] = [];

/** `beginnings`: where its arguments with instructions begin, by their numbers; an empty one begins behind it. */
function alternativeNode(
  alternative: AsmAlternative,
  next: number | null,
  beginnings: ReadonlyMap<number, number> | undefined,
): FlowNode {
  const all = Array.from({ length: alternative.branches }, (_, branch) => beginnings?.get(branch) ?? next);
  const branches = [...new Set(all)].filter((node) => node !== null);
  return { instruction: null, alternative, control: 'alternative', next, target: null, branches, fixup: null };
}

/** The label that an operand names, without an offset; null for anything else. */
export function targetLabel([operand]: readonly AsmOperand[]): string | null {
  if (operand?.kind !== 'symbol') return null;
  const [name, another] = operand.expression.value?.symbols.keys() ?? [];
  return another === undefined && operand.expression.value?.constant === 0 ? (name ?? null) : null;
}

interface LabelTable {
  /** The node that a label means for code or data at a place; null for a label of other code. */
  readonly find: (label: string, from: LabelUse) => number | null;
}

/** Where a label is used. */
type LabelUse = Pick<CodePlace, 'position'> & { readonly file?: string | undefined };

interface LabelledPlace extends LabelUse {
  readonly node: number;
}

function labelTable(pieces: readonly Piece[], built: readonly boolean[], data: readonly AsmData[]): LabelTable {
  const places = new Map<string, LabelledPlace[]>();
  pieces.forEach(({ labels, position, file }, node) => {
    if (!built[node]) return;
    for (const label of labels) places.set(label, [...(places.get(label) ?? []), { position, file, node }]);
  });
  const dataLabels = new Map(data.flatMap((word) => word.labels.map((label) => [label, word] as const)));
  const local = (number: string, isAhead: boolean, { position, file }: LabelUse) => {
    const all = (places.get(number) ?? []).filter((place) => place.file === file);
    const found = isAhead
      ? all.find((place) => place.position > position)
      : all.findLast((place) => place.position <= position);
    return found?.node ?? null;
  };
  const find = (label: string, from: LabelUse): number | null => {
    const [, number, direction] = /^(\d+)([fb])$/.exec(label) ?? [];
    if (number !== undefined) return local(number, direction === 'f', from);
    const word = dataLabels.get(label);
    const [address] = word ? labelsInData(word) : [];
    const isOfData = word && address !== undefined && address !== label;
    const all = places.get(label) ?? [];
    const place = all.find(({ file }) => file === from.file) ?? onlyFiles(label, all);
    return place?.node ?? (isOfData ? find(address, word) : null);
  };
  return { find };
}

/** The place of another file's label that is not local, where one file only has it. */
function onlyFiles(label: string, places: readonly LabelledPlace[]): LabelledPlace | undefined {
  const [first, ...more] = places;
  return label.startsWith('.L') || more.some(({ file }) => file !== first?.file) ? undefined : first;
}

/** The labels whose addresses data has, as they are or as distances from where they stand: `.quad 1b`, `.long (1b) - .`. */
function labelsInData({ values }: AsmData): string[] {
  return values.flatMap(({ expression: { value } }) => {
    const names = Array.from(value?.symbols ?? []).filter(([name, count]) => count === 1 && name !== '.');
    return names.length === 1 ? names.map(([name]) => name) : [];
  });
}

/** For each node that may fault, the node that the exception table names for that. */
function exceptionTable(data: readonly AsmData[], labels: LabelTable): ReadonlyMap<number, number> {
  const words = data.filter(({ section }) => section === EXCEPTION_TABLE);
  const nodes = words.flatMap((word) => labelsInData(word).flatMap((label) => labels.find(label, word) ?? []));
  const table = new Map<number, number>();
  for (let i = 0; i + 1 < nodes.length; i += 2) {
    const [from, to] = [nodes[i], nodes[i + 1]];
    if (from !== undefined && to !== undefined) table.set(from, to);
  }
  return table;
}

/** For each piece, the one that follows it in its section when nothing jumps: behind an ALTERNATIVE's argument, what is behind the ALTERNATIVE. */
function followers(pieces: readonly Piece[], built: readonly boolean[]): (number | null)[] {
  const byPosition = new Map(pieces.map((piece) => [piece.position, piece]));
  const result: (number | null)[] = pieces.map(() => null);
  const open: number[] = [];
  pieces.forEach((piece, i) => {
    if (!built[i]) return;
    for (let at = open.length - 1; at >= 0; at--) {
      const before = pieces[open[at] ?? -1];
      if (!before || !mayFollow(before, piece, byPosition)) continue;
      result[open[at] ?? -1] = i;
      open.splice(at, 1);
    }
    open.push(i);
  });
  return result;
}

/** Whether a piece behind another in the text is what follows it: in its section, and not in another argument of the same ALTERNATIVE. */
function mayFollow(before: Piece, piece: Piece, byPosition: ReadonlyMap<number, Piece>): boolean {
  if (before.section !== piece.section || before.file !== piece.file) return false;
  const around = enclosing(before, byPosition);
  return enclosing(piece, byPosition).every(({ use, branch }) =>
    around.some((own) => own.use === use && own.branch === branch),
  );
}

/** The arguments of ALTERNATIVEs that a piece is in, the innermost first. */
function enclosing(piece: Piece, byPosition: ReadonlyMap<number, Piece>): AlternativeBranch[] {
  const found: AlternativeBranch[] = [];
  for (let branch = piece.alternative; branch; branch = byPosition.get(branch.use)?.alternative ?? null)
    found.push(branch);
  return found;
}

/** Where each argument of each ALTERNATIVE begins, by the ALTERNATIVE's position and the argument's number. */
function branchBeginnings(
  pieces: readonly Piece[],
  built: readonly boolean[],
): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const beginnings = new Map<number, Map<number, number>>();
  pieces.forEach(({ alternative }, i) => {
    if (!alternative || !built[i]) return;
    const known = beginnings.get(alternative.use) ?? new Map<number, number>();
    if (!known.has(alternative.branch)) known.set(alternative.branch, i);
    beginnings.set(alternative.use, known);
  });
  return beginnings;
}
