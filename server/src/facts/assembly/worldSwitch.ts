import type { Backend } from '../../backends/backend.js';
import { entryInstructions } from '../../backends/registry.js';
import { memoizeByFingerprint, memoizeByIdentity } from '../../cache/memoize.js';
import type { AsmInstruction } from '../../syntax/assembler/instruction.js';
import { readAssembly, readAssemblyText, type Assembly } from '../../syntax/assembler/readAssembly.js';
import { isKnownMacro } from '../../syntax/flow/effect.js';
import { linkedFiles, type LinkedFile, type Program } from '../../syntax/flow/linkedPrograms.js';
import { isIn, type ObserverOfRoot } from '../../syntax/flow/worldSwitchFlow.js';
import { sourceText, type Problem, type SourceText } from '../../syntax/text/sourceText.js';
import { listedProblems } from '../source/listedProblems.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { AsmFileFacts } from './asmFile.js';
import { functionMoves, type AsmFunctionFacts, type AsmTransfer } from './asmFunction.js';
import { namesOf, textsOf, type AssemblyInput } from './assemblyInput.js';
import { enteringFunctions, entryAmong } from './guestEntries.js';
import { includeReader, type Environments, type TreeFile } from './includes.js';
import { asmMakers, mentionsEntry, firmwareEntries, inlineEntries, namedLeaves } from './inlineEntries.js';
import {
  assemblyBefore,
  keptAssembly,
  type AssemblyBefore,
  type KeptAssembly,
  type KnownAssembly,
} from './keptAssembly.js';
import { namesInC } from './namesInC.js';
import { nameTables, type NameTable } from './nameTables.js';

/** Reads a tree's assembly: every `.S` file, and the `asm()` statements of C functions that enter a guest. */
type WorldSwitchReader = (files: readonly TreeFile[], outlines: readonly SourceOutline[]) => AssemblyOfTree;

/** The assembly of a tree. */
export interface AssemblyOfTree {
  readonly files: readonly AsmFileFacts[];
  /** The same as plain data. */
  readonly kept: () => KeptAssembly;
}

/**
 * A reader that remembers what it read as long as headers and assembly stay as they are.
 * `observerOf` makes what looks on while the ways through a function are followed, to show them. `before`: what an earlier
 * process kept; null for nothing.
 */
export function worldSwitchReader(
  backends: readonly Backend[],
  observerOf?: ObserverOfRoot,
  before: AssemblyBefore | null = null,
): WorldSwitchReader {
  const reading = { backends, observerOf };
  const assemblyOf = memoizeByFingerprint(
    (input: AssemblyInput) => [...namesOf(input), ...textsOf(input.files)],
    (input) => assemblyOfTree(reading, input, assemblyBefore(before, input) ?? readAssemblyOf(reading, input)),
  );
  return (files, outlines) => {
    const { input, known, inlineIn } = assemblyOf({
      files,
      leaves: namedLeaves(backends, outlines),
      macros: asmMakers(backends, outlines),
      ...namesInC(outlines, namedIn(files, backends)),
    });
    const inCode = outlines.map((outline): AsmFileFacts => {
      return { source: outline.source, functions: inlineIn(outline), tables: [], problems: [] };
    });
    return {
      files: [...known.facts, ...inCode].filter(({ functions, problems }) => functions.length + problems.length > 0),
      kept: () => keptAssembly(input, known, outlines),
    };
  };
}

/** What assembly is read with beside the tree. */
interface AssemblyReadingOf {
  readonly backends: readonly Backend[];
  readonly observerOf: ObserverOfRoot | undefined;
}

/** Assembly that is remembered, by what it was read from. */
interface RememberedAssembly {
  readonly input: AssemblyInput;
  readonly known: KnownAssembly;
  /** The functions of a C file that enter a guest. */
  readonly inlineIn: (outline: SourceOutline) => readonly AsmFunctionFacts[];
}

function assemblyOfTree(reading: AssemblyReadingOf, input: AssemblyInput, known: KnownAssembly): RememberedAssembly {
  const { files, ...others } = input;
  const context = { ...others, ...reading, inC: known.inC, environments: includeReader(files) };
  const inlineIn = (outline: SourceOutline) => {
    const functions = known.inline.get(outline) ?? inlineEntries(outline, context);
    known.inline.set(outline, functions);
    return functions;
  };
  return { input, known, inlineIn };
}

/** The files whose assembly may have names that C code has too. */
function namedIn(files: readonly TreeFile[], backends: readonly Backend[]): TreeFile[] {
  const isMentioned = mentionsEntry(backends);
  return files.filter((file) => file.path.endsWith('.S') || isMentioned(file));
}

function readAssemblyOf({ backends, observerOf }: AssemblyReadingOf, input: AssemblyInput): KnownAssembly {
  const { files, ...names } = input;
  const environments = includeReader(files);
  const isFirmwareCode = (path: string) => firmwareEntries(backends).some(({ assembly }) => assembly.test(path));
  const assembly = files.filter(({ path }) => path.endsWith('.S') && !isFirmwareCode(path));
  const readings = assembly.map((file) => readBothWidths(file, environments));
  const instructions = entryInstructions(backends);
  const functions = enteringFunctions(
    readings.flatMap((reading) => reading.wide.instructions),
    instructions,
  );
  // Functions in assembly have prototypes too.
  const assembled = new Set(readings.flatMap(({ wide }) => wide.functions.map(({ name }) => name)));
  const inC = new Set([...names.inC].filter((name) => !assembled.has(name)));
  const flow = { ...names, inC, entering: { instructions, functions }, observerOf };
  const movesOf = {
    wide: memoizeByIdentity((program: Program) => functionMoves(program, 8, flow)),
    narrow: memoizeByIdentity((program: Program) => functionMoves(program, 4, flow)),
  };
  return {
    facts: linkedReadings(readings, functions).map((reading) => assemblyFacts(reading, movesOf, instructions)),
    inC,
    inline: new WeakMap(),
  };
}

/** A file as a 64-bit and as a 32-bit kernel assembles it. */
interface AssemblyReading {
  readonly source: SourceText;
  readonly wide: Assembly;
  readonly narrow: Assembly;
  readonly tables: readonly NameTable[];
}

/** The same, with what it is linked with. */
interface LinkedReading {
  readonly source: SourceText;
  readonly wide: LinkedFile;
  readonly narrow: LinkedFile;
  readonly tables: readonly NameTable[];
}

function readBothWidths(file: TreeFile, environments: Environments): AssemblyReading {
  const text = readAssemblyText(file.text);
  const read = (wordSize: 4 | 8) => readAssembly(text, environments.environment(file, wordSize));
  const tables = nameTables(file.text, [{ path: file.path, definitions: text.own }, ...environments.headers(file)]);
  return { source: sourceText(file.path, file.text), wide: read(8), narrow: read(4), tables };
}

/** `entering`: functions that enter a guest. */
function linkedReadings(readings: readonly AssemblyReading[], entering: ReadonlySet<string>): LinkedReading[] {
  const linked = (width: 'wide' | 'narrow') =>
    linkedFiles(
      readings.map((reading) => ({ path: reading.source.path, assembly: reading[width] })),
      entering,
    );
  const [wide, narrow] = [linked('wide'), linked('narrow')];
  return readings.flatMap(({ source, tables }, i): LinkedReading[] => {
    const [own, own32] = [wide[i], narrow[i]];
    return own && own32 ? [{ source, tables, wide: own, narrow: own32 }] : [];
  });
}

/** Gives the moves of the functions of a program. */
type MovesOfProgram = (program: Program) => ReturnType<typeof functionMoves>;

function assemblyFacts(
  { source, wide: linked, narrow: linked32, tables }: LinkedReading,
  movesOf: { readonly wide: MovesOfProgram; readonly narrow: MovesOfProgram },
  entering: ReadonlySet<string>,
): AsmFileFacts {
  const [wide, narrow] = [linked.own, linked32.own];
  const names = [
    ...wide.functions,
    ...narrow.functions.filter((f) => !wide.functions.some((w) => w.nameStart === f.nameStart)),
  ];
  const wideMoves = movesOf.wide(linked.program);
  const narrowMoves = hasOwnMemory(narrow, wide) ? movesOf.narrow(linked32.program) : null;
  const functions = names.map((fn): AsmFunctionFacts => {
    const own = (read: Assembly) => read.instructions.filter((instruction) => isIn(instruction, fn));
    const [wideOwn, narrowOwn] = [own(wide), own(narrow)];
    const { transfers, steps, calls, flow } = wideMoves(fn);
    return {
      name: fn.name,
      offset: fn.nameStart,
      end: fn.end,
      conditions: fn.conditions,
      entry: entryAmong(wideOwn, entering) ?? entryAmong(narrowOwn, entering),
      calls,
      transfers: withThoseOf32Bit(transfers, narrowMoves?.(fn).transfers ?? []),
      steps,
      flow,
      isInline: false,
    };
  });
  const problems = [...wide.problems, ...undefinedMacros(wide, functions)];
  return { source, functions, tables, problems: listedProblems(source, problems) };
}

/** The macros that nothing defines in the functions that a flow begins with. */
function undefinedMacros({ instructions }: Assembly, functions: readonly AsmFunctionFacts[]): Problem[] {
  const roots = new Set(functions.flatMap(({ name, flow }) => (flow ? [name] : [])));
  return instructions
    .filter((instruction) => roots.has(instruction.function ?? '') && isUndefinedMacro(instruction))
    .map(({ start, mnemonic }) => ({ offset: start, message: `${mnemonic} is not defined` }));
}

/** Whether an instruction is the use of a macro that nothing defines: no instruction is written in capitals, or with a `_`. */
function isUndefinedMacro({ mnemonic, unread }: AsmInstruction): boolean {
  return !unread && /^[A-Z]|_/.test(mnemonic) && !isKnownMacro(mnemonic);
}

/** Whether a 32-bit kernel has instructions with memory that a 64-bit one lacks: of the others, the moves are known already. */
function hasOwnMemory(narrow: Assembly, wide: Assembly): boolean {
  const common = new Set(wide.instructions.map(({ start }) => start));
  const accesses = ({ operands, mnemonic }: AsmInstruction) =>
    operands.some(({ kind }) => kind === 'memory') || /^(?:movs|stos|lods)/.test(mnemonic);
  return narrow.instructions.some((instruction) => accesses(instruction) && !common.has(instruction.start));
}

function withThoseOf32Bit(wide: readonly AsmTransfer[], narrow: readonly AsmTransfer[]): AsmTransfer[] {
  const seen = new Set(wide.map(transferKey));
  return [...wide, ...narrow.filter((transfer) => !seen.has(transferKey(transfer)))];
}

function transferKey(transfer: AsmTransfer): string {
  return `${String(transfer.instruction.start)} ${String(transfer.registerOrigin.start)} ${transfer.direction}`;
}
