import { bitmapChanges, type BitmapChange } from './registers/bitmapChanges.js';
import { movesOf, type Move } from './registers/moves.js';
import { functionReferences } from './registers/references.js';
import type { Reference } from './registers/reference.js';
import { callFacts, type CallFact } from './source/calls.js';
import { expandedFunction, writtenOffset, type Expansion } from './source/expandedFunction.js';
import type { FunctionSource } from './source/functionSource.js';
import type { TreeReader } from './source/functionTree.js';
import { macroLookup, type TreeSymbols } from './symbols/treeSymbols.js';

/** What macros make in a function that paste registers' names, as facts of the function, each where the macro is used. */
interface PastedFacts {
  readonly callFacts: readonly CallFact[];
  readonly moves: readonly Move[];
  readonly bitmapChanges: readonly BitmapChange[];
  readonly references: readonly Reference[];
}

const NONE: PastedFacts = { callFacts: [], moves: [], bitmapChanges: [], references: [] };

/** Reads what a function's uses of macros make: `COPY(rax, RAX)` of `to->reg = regs[VCPU_REGS_##REG]`. */
export function pastedFacts(read: TreeReader, fn: FunctionSource, symbols: TreeSymbols): PastedFacts {
  const { registers, accessors, pastingMacros: macros } = symbols;
  const isMeant = (name: string) =>
    registers.byName.has(name) || registers.numberMacros.has(name) || accessors.has(name);
  const expanded = expandedFunction(fn, { macros, lookup: macroLookup(symbols, fn.path), isMeant });
  if (!expanded) return NONE;
  const { expansions, source } = expanded;
  const contexts = read(source).map((tree) => ({ tree, symbols }));
  const expansionAt = (offset: number) => expansions.find(({ start, end }) => start <= offset && offset < end);
  const isMade = ({ offset }: { readonly offset: number }) => expansionAt(offset) !== undefined;
  const written = (offset: number) => writtenOffset(expansions, offset);
  return {
    callFacts: contexts
      .flatMap(callFacts)
      .filter(isMade)
      .map((call) => ({ ...call, offset: written(call.offset) })),
    moves: contexts
      .flatMap(movesOf)
      .filter(isMade)
      .map((move) => ({ ...move, offset: written(move.offset), statement: written(move.statement) })),
    bitmapChanges: contexts
      .flatMap(bitmapChanges)
      .filter(isMade)
      .map((change) => ({ ...change, offset: written(change.offset) })),
    references: contexts.flatMap(functionReferences).flatMap((reference): Reference[] => {
      const expansion = expansionAt(reference.start);
      if (!expansion?.made.has(reference.via)) return [];
      const callee = reference.callee && { ...reference.callee, start: written(reference.callee.start) };
      const statement = written(reference.statement);
      return [{ ...reference, ...variedToken(expansion, reference.via), statement, ...(callee ? { callee } : {}) }];
    }),
  };
}

/** Where a use has the varying half of a name that it makes: `RAX` of `COPY(rax, RAX)`; without one, the macro's name. */
function variedToken({ tokens, use }: Expansion, made: string): Pick<Reference, 'start' | 'end'> {
  const [name, ...given] = tokens;
  const half = given.findLast(({ kind, text }) => kind === 'word' && made.includes(text)) ?? name ?? use;
  return { start: half.start, end: half.end };
}
