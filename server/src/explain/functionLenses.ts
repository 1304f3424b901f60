import { memoizeByIdentity } from '../cache/memoize.js';
import type { GraphNode } from '../model/callGraph.js';
import { accessorsOf, wrappersIn } from '../model/query/cSymbols.js';
import { definitionSpan, functionsIn, type CFunction } from '../model/query/functions.js';
import { functionUse } from '../model/query/functionUse.js';
import { copiesEmptiedBy } from '../model/query/registerCopies.js';
import { referencesOfFunction, referencesVia } from '../model/query/references.js';
import { architecturalName } from '../model/query/registers.js';
import { distinctSpans, nameSpan, type FileSpan } from '../model/query/text.js';
import { transferSpan } from '../model/query/transfers.js';
import { setsRegisterByOperation } from '../model/query/writtenArguments.js';
import type { RegisterModel } from '../model/registerModel.js';
import { functionTitle } from './functionTitle.js';
import { halvesOf } from './halves.js';
import type { Lens, LensOptions } from './lens.js';
import { moveGroups, summaryOf, type MoveGroup } from './moveGroups.js';

/** On a file's functions in C: accessors that are written by hand, and functions that move, empty or set registers. */
export function functionLenses(model: RegisterModel, path: string, options: LensOptions): Lens[] {
  const accessors = accessorLenses(model, path);
  const taken = new Set(accessors.map(({ span }) => span.start));
  const others = functionsIn(model, path).filter((fn) => !taken.has(definitionSpan(fn).start));
  return [
    ...accessors,
    ...others.flatMap((fn) => (options.everyFunction ? functionLens(model, fn, options) : usualLens(model)(fn))),
  ];
}

/** `reads RSP · 8 calls`, on accessors and what is built on them. */
function accessorLenses(model: RegisterModel, path: string): Lens[] {
  const byHand = accessorsOf(model).filter(({ file, instantiation }) => file === path && instantiation === null);
  const accessors = byHand.map(({ name, offset, kind, member }) => ({ name, offset, uses: [{ kind, member }] }));
  return [...accessors, ...wrappersIn(model, path)].map(({ name, offset, uses }) => {
    const locations = referencesVia(model, name).map(({ file, reference: { start, end } }) => ({ file, start, end }));
    const parts = ['read', 'write'].flatMap((access) => {
      const members = uses.filter(({ kind }) => kind === access).map(({ member }) => architecturalName(model, member));
      return members.length > 0 ? [`${access}s ${[...new Set(members)].join(' ')}`] : [];
    });
    const calls = distinctSpans(locations);
    const count = `${String(calls.length)} ${calls.length === 1 ? 'call' : 'calls'}`;
    return { span: nameSpan(path, offset, name), title: [...parts, count].join(' · '), locations: calls };
  });
}

/** The lenses that functions have unless all are asked for: editors ask again and again. */
const usualLens = memoizeByIdentity((model: RegisterModel) =>
  memoizeByIdentity((fn: CFunction) => functionLens(model, fn, { everyFunction: false })),
);

function functionLens(model: RegisterModel, fn: CFunction, options: LensOptions): Lens[] {
  const groups = moveGroups(model, fn);
  if (!options.everyFunction && groups.length === 0 && !isDeciding(model, fn)) return [];
  if (options.everyFunction && groups.length === 0 && !usesRegisters(model, fn)) return [];
  const [first = [], second] = halvesOf(groups, ({ transfers }) => transfers[0]?.phase ?? 'other');
  if (second)
    return [
      halfLens(model, fn, summaryOf(first), first),
      halfLens(model, fn, functionTitle(model, fn, second), second),
    ];
  const title = functionTitle(model, fn);
  return title === '' ? [] : [halfLens(model, fn, title, groups)];
}

function halfLens(model: RegisterModel, fn: CFunction, title: string, groups: readonly MoveGroup[]): Lens {
  const moved = groups.flatMap(({ transfers }) => transfers.map((transfer) => movedSpan(model, transfer)));
  const locations = distinctSpans(moved.length > 0 ? moved : usedSpans(model, fn));
  return { span: definitionSpan(fn), title, locations: locations.length > 0 ? locations : [definitionSpan(fn)] };
}

/** Whether a function that moves no register between places writes the register cache itself, empties a copy, or hands a value to what sets a register. */
function isDeciding(model: RegisterModel, fn: CFunction): boolean {
  const { references, bitmaps } = functionUse(model, fn);
  const isDirect = references.some(
    ({ kind, storage, callee, register }) =>
      callee === undefined &&
      ((storage === 'cache' && kind.includes('write')) || (storage === 'emulator' && register === null)),
  );
  return (
    isDirect ||
    bitmaps !== null ||
    fn.c.clears.length > 0 ||
    copiesEmptiedBy(model, fn).length > 0 ||
    setsRegisterByOperation(model, fn)
  );
}

function usesRegisters(model: RegisterModel, fn: CFunction): boolean {
  return isDeciding(model, fn) || usedSpans(model, fn).length > 0;
}

function movedSpan(model: RegisterModel, transfer: MoveGroup['transfers'][number]): FileSpan {
  const member = transfer.to?.register ?? transfer.from?.register ?? null;
  return transferSpan(model, member, transfer);
}

/** Where a function reads, writes and marks registers. */
function usedSpans(model: RegisterModel, node: GraphNode): FileSpan[] {
  const own = referencesOfFunction(model, node).filter(({ kind }) => /^(?:read|write|readwrite|mark-\w+)$/.test(kind));
  return own.map(({ start, end }) => ({ file: node.file, start, end }));
}
