import type { FunctionSource } from '../source/functionSource.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { holdsAny } from '../../syntax/c/outline.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { placeTables } from '../../backends/registry.js';
import type { FunctionTree, TreeReader } from '../source/functionTree.js';
import type { NumberCarriers } from './propagation.js';
import { truncationsOf, type Truncation } from './truncations.js';
import { numberLimits, type NumberBit, type NumberBound } from './bounds.js';
import { fileVariables, localVariables, structMembers, type NumberMember } from './numberMembers.js';
import { numberWays, type NumberWay } from './numberWays.js';
import { numberMacros, type NumberMacro } from './numberMacros.js';
import { numberUses, type NumberAccess } from './sinks.js';
import { numberSources, type NumberLink } from './sources.js';
import { prefixCases, type PrefixCase } from './prefixCases.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { FactSymbols } from '../symbols/wordRoles.js';

/** A tree's names, with what passes registers' numbers on. */
export interface NumberNames extends FactSymbols {
  readonly carriers: NumberCarriers;
}

/** A register's number on its way through one function. The span is where that uses it. */
export interface NumberFlow extends Span {
  readonly function: string;
  /** Where it comes from, outside of the function. */
  readonly from: readonly NumberLink[];
  /** Where it goes on to; null where a register is read or written by it. */
  readonly to: NumberLink | null;
  /** What is done to that register; null where the number goes on. */
  readonly access: NumberAccess | null;
  readonly truncations: readonly Truncation[];
  readonly macros: readonly NumberMacro[];
  /** The ways on which the function comes by it. */
  readonly ways: readonly NumberWay[];
}

/** What a function says of registers' numbers. Offsets count from its first character. */
export interface FunctionNumbers {
  readonly flows: readonly NumberFlow[];
  readonly bounds: readonly NumberBound[];
  readonly bits: readonly NumberBit[];
  /** Its variables that have room for registers. */
  readonly members: readonly NumberMember[];
  readonly prefixes: readonly PrefixCase[];
}

/** What a file has outside of functions that has room for registers. */
export interface HeldMembers {
  readonly members: readonly NumberMember[];
  /** Structs that userspace sees. The span is the tag's. */
  readonly structs: readonly (Span & { readonly name: string })[];
}

const NOTHING: FunctionNumbers = { flows: [], bounds: [], bits: [], members: [], prefixes: [] };

/** Reads a function for what it says of registers' numbers. */
export function functionNumbers(read: TreeReader, fn: FunctionSource, names: NumberNames): FunctionNumbers {
  const { carriers } = names;
  const prefixes = prefixCases(fn, carriers);
  if (!holdsAny(fn, carriers.words)) return prefixes.length > 0 ? { ...NOTHING, prefixes } : NOTHING;
  const members = { path: fn.path, code: fn.code, symbols: names, links: heldLinks(carriers) };
  const found = read(fn).map((tree) => ({
    ...treeNumbers(tree, names),
    members: localVariables(members, tree),
  }));
  return {
    flows: found.flatMap(({ flows }) => flows),
    bounds: found.flatMap(({ bounds }) => bounds),
    bits: found.flatMap(({ bits }) => bits),
    members: found.flatMap((one) => one.members),
    prefixes,
  };
}

/** Reads what a file has outside of functions. */
export function heldMembers(file: SourceOutline, names: NumberNames): HeldMembers {
  const members = { path: file.source.path, code: file.code, symbols: names, links: heldLinks(names.carriers) };
  const items = file.items.filter((item) => item.kind !== 'function');
  const naming = items.filter((item) => holdsAny(item, names.carriers.words));
  return {
    members: naming.flatMap((item) => [...structMembers(members, item), ...fileVariables(members, item)]),
    structs: items.flatMap(({ kind, name, nameStart: start }) =>
      kind === 'struct' && placeTables(names.backends).structs.get(name)?.kind === 'userspace'
        ? [{ name, start, end: start + name.length }]
        : [],
    ),
  };
}

const heldLinks = memoizeByIdentity(
  ({ masks, arrays, links }: NumberCarriers): ReadonlySet<NumberLink> => new Set([...masks, ...arrays, ...links]),
);

function treeNumbers(tree: FunctionTree, names: NumberNames): Pick<FunctionNumbers, 'flows' | 'bounds' | 'bits'> {
  const reading = { tree, symbols: names };
  const uses = numberUses(reading, names.carriers);
  if (uses.length === 0) return { flows: [], bounds: [], bits: [] };
  const variables = new Set<string>();
  const flows = uses.map((use): NumberFlow => {
    const made = numberSources(reading, [use]);
    for (const variable of made.variables) variables.add(variable);
    const links = made.sources.flat().flatMap(({ link }) => (link === null ? [] : [link]));
    const from = new Set(links.filter((link) => names.carriers.links.has(link)));
    const { start, end } = use.node;
    return {
      start,
      end,
      function: tree.source.name,
      from: [...from],
      to: use.link,
      access: use.access,
      truncations: truncationsOf(reading, made.sources),
      macros: numberMacros(reading, made.sources),
      ways: numberWays(reading, use),
    };
  });
  const { bounds, bits } = numberLimits(reading, uses, variables);
  const isFresh = ({ start }: Span) => !tree.isRepeated(start);
  return { flows: flows.filter(isFresh), bounds: bounds.filter(isFresh), bits: bits.filter(isFresh) };
}
