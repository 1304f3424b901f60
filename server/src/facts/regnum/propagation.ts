import type { FunctionSource } from '../source/functionSource.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { descendants, type CNode } from '../../syntax/c/cTree.js';
import type { FunctionContext } from '../source/expressions.js';
import { functionsNaming } from '../source/functionIndex.js';
import type { FunctionTree, TreeReader } from '../source/functionTree.js';
import { numberLimits } from './bounds.js';
import { movedBy, numberUses, type KnownLinks } from './sinks.js';
import {
  isResult,
  linkName,
  memberLink,
  numberSources,
  parameterLink,
  structMember,
  type NumberLink,
  type NumberPart,
} from './sources.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import { memoizeByAnswers, symbolMemory, type AskedSymbols } from '../symbols/symbolMemory.js';
import { AVAILABLE_BITMAP, CACHE_ARRAY, CACHE_STRUCT, DIRTY_BITMAP, EMULATOR_ARRAY } from '../symbols/cacheNames.js';
import type { IndexedFunction, TreeSymbols } from '../symbols/treeSymbols.js';
import { factSymbols, type FactSymbols } from '../symbols/wordRoles.js';

/** What carries the numbers of GPRs through a tree, on their way to an index that only run time knows. */
export interface NumberCarriers {
  /** Functions' parameters and results, and structs' members, that are such numbers. */
  readonly links: ReadonlySet<NumberLink>;
  /** Members that are masks with a bit for each register. */
  readonly masks: ReadonlySet<NumberLink>;
  /** Members that are arrays with a slot for each register. */
  readonly arrays: ReadonlySet<NumberLink>;
  /** Members that hold the bits of an instruction's prefix which make a register's number longer. */
  readonly prefixes: ReadonlySet<NumberLink>;
  /** Names of which a function, a struct or a variable that has something to say of all but the prefixes holds one. */
  readonly words: ReadonlySet<string>;
}

/** A number comes by way of this many functions and members at most; 7.2's longest way has six. */
const MOST_STEPS = 12;

/** What one function adds in a step. */
type FunctionCarriers = Omit<NumberCarriers, 'words'>;

/** Which functions are looked at next, given what is known to carry numbers. */
interface Step {
  /** Names that a function holds. */
  readonly words: readonly string[];
  /** Functions whose results are numbers. */
  readonly functions: readonly string[];
  readonly known: KnownLinks;
}

/** Gives a tree's carriers, given its other names. */
export type CarrierReader = (outlines: readonly SourceOutline[], symbols: TreeSymbols) => NumberCarriers;

/** What a step finds in each file. */
type StepReading = (file: SourceOutline, asked: AskedSymbols<FactSymbols>) => readonly FunctionCarriers[];

/** Reads carriers, remembering what functions gave in the same steps of the last time. */
export function carrierReader(read: TreeReader): CarrierReader {
  const askedOf = symbolMemory<FactSymbols>();
  let before: ReadonlyMap<string, StepReading> = new Map();
  return (outlines, symbols) => {
    const asked = askedOf(factSymbols(symbols));
    const steps = new Map<string, StepReading>();
    const carriers = propagate(symbols, (step) => {
      const key = JSON.stringify([step.words, step.functions, [...step.known.links]]);
      const reading = before.get(key) ?? stepReading(read, step);
      steps.set(key, reading);
      return outlines.flatMap((file) => reading(file, asked));
    });
    before = steps;
    return carriers;
  };
}

function stepReading(read: TreeReader, step: Step): StepReading {
  const carriersOf = memoizeByAnswers((fn: FunctionSource, symbols: FactSymbols) =>
    functionCarriers(read(fn), symbols, step),
  );
  const functionsOf = memoizeByIdentity((file: SourceOutline) => [
    ...new Set([
      ...step.words.flatMap(functionsNaming(file)),
      ...step.functions.flatMap(functionsNaming(file)).filter(({ name }) => step.functions.includes(name)),
    ]),
  ]);
  return (file, asked) => functionsOf(file).map((fn) => carriersOf(fn, asked));
}

/** Follows numbers back from where registers are read and written by number, from function to function. */
function propagate(symbols: TreeSymbols, take: (step: Step) => readonly FunctionCarriers[]): NumberCarriers {
  const moving = [...symbols.indexed.values()].filter(isMoving).map(({ name }) => name);
  const bitmaps = [AVAILABLE_BITMAP, DIRTY_BITMAP].map((bitmap) => structMember(CACHE_STRUCT, bitmap));
  let links: ReadonlySet<NumberLink> = new Set();
  const masks = new Set(bitmaps);
  const arrays = new Set<NumberLink>();
  const prefixes = new Set<NumberLink>();
  const words = new Set([CACHE_ARRAY, EMULATOR_ARRAY, ...moving]);
  let next: Omit<Step, 'known'> = { words: [...words], functions: [] };
  for (let steps = 0; steps < MOST_STEPS && next.words.length + next.functions.length > 0; steps++) {
    const found = take({ ...next, known: { links, words } });
    for (const one of found) {
      for (const mask of one.masks) masks.add(mask);
      for (const array of one.arrays) arrays.add(array);
      for (const prefix of one.prefixes) prefixes.add(prefix);
    }
    const fresh = new Set(found.flatMap((one) => [...one.links]).filter((link) => !links.has(link)));
    for (const link of fresh) words.add(linkName(link));
    next = {
      words: [...fresh].filter((link) => !isResult(link)).map(linkName),
      functions: [...fresh].filter(isResult).map(linkName),
    };
    links = new Set([...links, ...fresh]);
  }
  for (const link of [...masks, ...arrays]) words.add(linkName(link));
  return { links, masks, arrays, prefixes, words };
}

function isMoving({ kind }: IndexedFunction): boolean {
  return movedBy(kind) !== null;
}

function functionCarriers(trees: readonly FunctionTree[], symbols: TreeSymbols, { known }: Step): FunctionCarriers {
  const links = new Set<NumberLink>();
  const masks = new Set<NumberLink>();
  const arrays = new Set<NumberLink>();
  const prefixes = new Set<NumberLink>();
  for (const tree of trees) {
    const context = { tree, symbols };
    const uses = numberUses(context, known);
    if (uses.length === 0) continue;
    const { sources, variables } = numberSources(context, uses);
    for (const part of sources.flat()) {
      if (part.link !== null && !isIndexedParameter(part.link, symbols)) links.add(part.link);
      for (const prefix of prefixesOf(context, part)) prefixes.add(prefix);
    }
    const limits = numberLimits(context, uses, variables);
    for (const { mask } of limits.bits) masks.add(mask);
    for (const array of limits.arrays) arrays.add(array);
  }
  return { links, masks, arrays, prefixes };
}

/** The number that an indexed function is given: its calls are uses already. */
function isIndexedParameter(link: NumberLink, { indexed }: TreeSymbols): boolean {
  const callee = indexed.get(linkName(link));
  return callee !== undefined && isMoving(callee) && link === parameterLink(callee.name, callee.parameter);
}

/** The bit of a number that an instruction's prefix gives: with it, 3 bits of the opcode, ModRM or SIB make 4. */
const PREFIX_BIT = 8n;

/** The members that a prefix' bit is taken from. */
export function prefixesOf(context: FunctionContext, { bits, node }: NumberPart): NumberLink[] {
  if (bits !== PREFIX_BIT) return [];
  return descendants(node).flatMap((inner: CNode) => memberLink(context, inner) ?? []);
}
