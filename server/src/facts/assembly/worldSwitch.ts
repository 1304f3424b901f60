import { memoizeByFingerprint, memoizeByIdentity } from '../../cache/memoize.js';
import {
  asmEnvironment,
  readAsmDefinitions,
  type AsmDefinitions,
  type AsmEnvironment,
} from '../../syntax/assembler/definitions.js';
import { inlineAsmOffsets, readInlineAsm } from '../../syntax/assembler/inlineAsm.js';
import type { AsmInstruction } from '../../syntax/assembler/instruction.js';
import { readAssembly, readAssemblyText, type Assembly } from '../../syntax/assembler/readAssembly.js';
import { traceRegisters, type SlotTransfer } from '../../syntax/flow/registerFlow.js';
import { skipConditions } from '../../syntax/flow/skippedCode.js';
import type { Gpr } from '../../syntax/x86/registers.js';
import type { RegisterValue } from '../../syntax/flow/registerValue.js';
import { conditionsAt, readDirectives } from '../../syntax/preprocessor/directives.js';
import { sourceText, type SourceText } from '../../syntax/text/sourceText.js';
import { nameTables, type DefiningFile, type NameTable } from './nameTables.js';
import { listedProblems, type ListedProblem } from '../source/listedProblems.js';
import type { SourceOutline } from '../source/sourceOutline.js';

/** How a guest is entered: by an instruction (SDM vol. 3, 27.2; APM vol. 2, 15.5) or by a call of the TDX module. */
export type EntryInstruction = 'vmlaunch' | 'vmresume' | 'vmrun' | 'tdh.vp.enter';

/** SEAMCALL leaf that enters a TD's vCPU (Intel TDX module ABI, TDH.VP.ENTER), and the kernel's function for it. */
const TDX_ENTRY_LEAF = 'TDH_VP_ENTER';
const TDX_ENTRY_CALL = 'tdh_vp_enter';

const ENTRY_MNEMONICS: ReadonlySet<string> = new Set<EntryInstruction>(['vmlaunch', 'vmresume', 'vmrun']);

/** What is known of a function with assembly in it. */
export interface AsmFunctionFacts {
  readonly name: string;
  /** Offset of its name; of the asm statement for one in C. */
  readonly offset: number;
  readonly end: number;
  readonly conditions: readonly string[];
  /** The VM-entry that it does itself; null without one. */
  readonly entry: { readonly instruction: EntryInstruction; readonly offset: number } | null;
  readonly calls: readonly AsmCall[];
  /** Moves between registers and memory, as a 64-bit kernel has them, then those that only a 32-bit one has. */
  readonly transfers: readonly AsmTransfer[];
  /** It is the whole of a C function's assembly. */
  readonly isInline: boolean;
}

/** A call in assembly. */
interface AsmCall {
  readonly name: string;
  readonly offset: number;
  readonly conditions: readonly string[];
}

/** A move between a hardware register and memory, with the word size that it was read for. */
export interface AsmTransfer extends SlotTransfer {
  readonly wordSize: 4 | 8;
}

/** What is known of a file's assembly. */
export interface AsmFileFacts {
  readonly source: SourceText;
  readonly functions: readonly AsmFunctionFacts[];
  /** The macros by which it knows registers' names. */
  readonly tables: readonly NameTable[];
  readonly problems: readonly ListedProblem[];
}

/** The assembly of SEAMCALLs moves the arguments of calls of the TDX module, never KVM's register cache. */
const SEAMCALL_CODE = /(?:^|\/)virt\/vmx\/tdx\//;

/** A file to read, and all others that it may include. */
interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** Reads a tree's assembly: every `.S` file, and the `asm()` statements of C functions that enter a guest. */
type WorldSwitchReader = (files: readonly TreeFile[], outlines: readonly SourceOutline[]) => AsmFileFacts[];

interface AssemblyOfTree {
  readonly facts: readonly AsmFileFacts[];
  /** What a C file holds. */
  readonly inline: (outline: SourceOutline) => readonly AsmFileFacts[];
}

/** All that assembly is read from besides C files. */
interface AssemblyInput {
  readonly files: readonly TreeFile[];
  readonly hasSeamcalls: boolean;
}

/** A reader that remembers what it read as long as headers and assembly stay as they are. */
export function worldSwitchReader(): WorldSwitchReader {
  const assemblyOf = memoizeByFingerprint(textsOf, readAssemblyOf);
  return (files, outlines) => {
    const hasSeamcalls = outlines.some(({ items }) => items.some((item) => item.words.has(TDX_ENTRY_LEAF)));
    const { facts, inline } = assemblyOf({ files, hasSeamcalls });
    return [...facts, ...outlines.flatMap(inline)].filter(
      (file) => file.functions.length > 0 || file.problems.length > 0,
    );
  };
}

function textsOf({ files, hasSeamcalls }: AssemblyInput): readonly string[] {
  const assembly = files.filter((file) => !file.path.endsWith('.c'));
  return [String(hasSeamcalls), ...assembly.flatMap((file) => [file.path, file.text])];
}

function readAssemblyOf({ files, hasSeamcalls }: AssemblyInput): AssemblyOfTree {
  const includes = includeReader(files);
  const assembly = files.filter((file) => file.path.endsWith('.S') && !SEAMCALL_CODE.test(file.path));
  const readings = assembly.map((file) => readBothWidths(file, includes));
  const entering = enteringNames(readings);
  return {
    facts: readings.map((reading) => assemblyFacts(reading, entering)),
    inline: memoizeByIdentity((outline) => inlineFacts(outline, includes, hasSeamcalls)),
  };
}

/** What a file includes, directly or not. */
interface Environments {
  readonly headers: (file: TreeFile) => readonly DefiningFile[];
  readonly environment: (file: TreeFile, wordSize: 4 | 8) => AsmEnvironment;
}

/** Gives what the headers define that a file includes. */
function includeReader(files: readonly TreeFile[]): Environments {
  const byName = new Map<string, TreeFile[]>();
  for (const file of files) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  const definitions = new Map<string, { readonly own: AsmDefinitions; readonly includes: readonly string[] }>();
  const read = (file: TreeFile) => {
    const known = definitions.get(file.path);
    if (known) return known;
    const directives = readDirectives(file.text);
    const fresh = { own: readAsmDefinitions(file.text, directives), includes: directives.includes };
    definitions.set(file.path, fresh);
    return fresh;
  };
  const headers = (file: TreeFile) => {
    const reached = new Map<string, AsmDefinitions>();
    const visit = (from: TreeFile) => {
      for (const include of read(from).includes) {
        const target = included(from, include, byName);
        if (!target || reached.has(target.path) || target.path === file.path) continue;
        reached.set(target.path, read(target).own);
        visit(target);
      }
    };
    visit(file);
    return [...reached].map(([path, own]) => ({ path, definitions: own }));
  };
  const environment = (file: TreeFile, wordSize: 4 | 8) =>
    asmEnvironment(
      headers(file).map((header) => header.definitions),
      wordSize,
    );
  return { headers, environment };
}

/** The file that `#include "x.h"` or `<asm/x.h>` means: beside the file or above it, else by the end of its path. */
function included(
  from: TreeFile,
  include: string,
  byName: ReadonlyMap<string, readonly TreeFile[]>,
): TreeFile | undefined {
  const plain = include.replace(/^(?:\.\.?\/)+/, '');
  const candidates = (byName.get(plain.slice(plain.lastIndexOf('/') + 1)) ?? []).filter(
    (file) => file.path === plain || file.path.endsWith(`/${plain}`),
  );
  const directory = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
  const near = candidates.filter((file) => directory(from.path).startsWith(directory(file.path)));
  return near.sort((a, b) => b.path.length - a.path.length)[0] ?? candidates[0];
}

/** A file as a 64-bit and as a 32-bit kernel assembles it. */
interface AssemblyReading {
  readonly source: SourceText;
  readonly wide: Assembly;
  readonly narrow: Assembly;
  readonly tables: readonly NameTable[];
}

function readBothWidths(file: TreeFile, environments: Environments): AssemblyReading {
  const text = readAssemblyText(file.text);
  const read = (wordSize: 4 | 8) => readAssembly(text, environments.environment(file, wordSize));
  const tables = nameTables(file.text, [{ path: file.path, definitions: text.own }, ...environments.headers(file)]);
  return { source: sourceText(file.path, file.text), wide: read(8), narrow: read(4), tables };
}

/** Assembly functions that enter a guest themselves, or by a call of one that does. */
function enteringNames(readings: readonly AssemblyReading[]): Set<string> {
  const instructions = readings.flatMap((reading) => reading.wide.instructions);
  const entering = new Set<string>();
  for (let before = -1; before < entering.size;) {
    before = entering.size;
    for (const instruction of instructions) {
      if (instruction.function !== null && isEntry(instruction, entering)) entering.add(instruction.function);
    }
  }
  return entering;
}

/** Whether an instruction enters a guest itself. */
export function isEntryInstruction(instruction: AsmInstruction): boolean {
  return ENTRY_MNEMONICS.has(instruction.mnemonic);
}

function isEntry(instruction: AsmInstruction, entering: ReadonlySet<string>): boolean {
  if (isEntryInstruction(instruction)) return true;
  const callee = calledSymbol(instruction);
  return callee !== null && entering.has(callee) && callee !== instruction.function;
}

function calledSymbol(instruction: AsmInstruction): string | null {
  const [target] = instruction.operands;
  if (!/^callq?$/.test(instruction.mnemonic) || target?.kind !== 'symbol') return null;
  const [symbol, more] = target.expression.value?.symbols.keys() ?? [];
  return more === undefined ? (symbol ?? null) : null;
}

function assemblyFacts({ source, wide, narrow, tables }: AssemblyReading, entering: ReadonlySet<string>): AsmFileFacts {
  const names = [
    ...wide.functions,
    ...narrow.functions.filter((f) => !wide.functions.some((w) => w.nameStart === f.nameStart)),
  ];
  const functions = names.map((fn): AsmFunctionFacts => {
    const own = (read: Assembly) =>
      withSkips(
        read.instructions.filter(
          (instruction) =>
            instruction.function === fn.name && instruction.start >= fn.start && instruction.start < fn.end,
        ),
      );
    const [wideOwn, narrowOwn] = [own(wide), own(narrow)];
    return {
      name: fn.name,
      offset: fn.nameStart,
      end: fn.end,
      conditions: fn.conditions,
      entry: entryOf(wideOwn) ?? entryOf(narrowOwn),
      calls: wideOwn.flatMap(callOf),
      transfers: withThoseOf32Bit(traced(wideOwn, 8, entering), traced(narrowOwn, 4, entering)),
      isInline: false,
    };
  });
  return { source, functions, tables, problems: listedProblems(source, wide.problems) };
}

/** A function's instructions, each also under the conditions that jumps put it under. */
function withSkips(instructions: readonly AsmInstruction[]): AsmInstruction[] {
  const skips = skipConditions(instructions);
  return instructions.map((instruction, i) => ({
    ...instruction,
    conditions: [...instruction.conditions, ...(skips[i] ?? [])],
  }));
}

function traced(
  instructions: readonly AsmInstruction[],
  wordSize: 4 | 8,
  entering: ReadonlySet<string>,
  atBeginning?: ReadonlyMap<Gpr, RegisterValue>,
): AsmTransfer[] {
  const options = { wordSize, isEntry: (instruction: AsmInstruction) => isEntry(instruction, entering) };
  return traceRegisters(instructions, atBeginning ? { ...options, atBeginning } : options).map((transfer) => ({
    ...transfer,
    wordSize,
  }));
}

function withThoseOf32Bit(wide: readonly AsmTransfer[], narrow: readonly AsmTransfer[]): AsmTransfer[] {
  const seen = new Set(wide.map(transferKey));
  return [...wide, ...narrow.filter((transfer) => !seen.has(transferKey(transfer)))];
}

function transferKey(transfer: AsmTransfer): string {
  return `${String(transfer.instruction.start)} ${String(transfer.registerOrigin.start)} ${transfer.direction}`;
}

function callOf(instruction: AsmInstruction): AsmCall[] {
  const name = calledSymbol(instruction);
  return name === null ? [] : [{ name, offset: instruction.start, conditions: instruction.conditions }];
}

function entryOf(instructions: readonly AsmInstruction[]): AsmFunctionFacts['entry'] {
  for (const { mnemonic, start } of instructions) {
    if (mnemonic === 'vmlaunch' || mnemonic === 'vmresume' || mnemonic === 'vmrun')
      return { instruction: mnemonic, offset: start };
  }
  return null;
}

/** VM-entries in C: in `asm()` statements, and by TDX's SEAMCALL. */
function inlineFacts(outline: SourceOutline, environments: Environments, hasSeamcalls: boolean): AsmFileFacts[] {
  const { source, directives, items } = outline;
  const functions: AsmFunctionFacts[] = [];
  const mayEnter = mayEnterGuest(source.text);
  for (const item of items) {
    if (item.kind !== 'function') continue;
    // Where the TDX module's own code is not in the tree, the call to it has to do.
    const seamcall =
      item.words.get(TDX_ENTRY_LEAF) ??
      (hasSeamcalls ? undefined : item.calls.find((call) => call.name === TDX_ENTRY_CALL)?.offset);
    const statements =
      mayEnter && mayEnterGuest(source.text.slice(item.start, item.end))
        ? inlineAsmOffsets(outline.code.slice(item.start, item.end))
        : [];
    if (seamcall === undefined && statements.length === 0) continue;
    const base = {
      name: item.name,
      end: item.end,
      conditions: conditionsAt(directives, item.start),
      calls: [],
      isInline: true,
    };
    if (seamcall !== undefined)
      functions.push({
        ...base,
        offset: item.nameStart,
        entry: { instruction: 'tdh.vp.enter', offset: seamcall },
        transfers: [],
      });
    for (const start of statements) {
      const lookup = (name: string) => directives.macros.find((macro) => macro.name === name);
      const environment = environments.environment(source, 8);
      const read = readInlineAsm(source.text, item.start + start, { environment, lookup, directives });
      const entry = read ? entryOf(read.instructions) : null;
      if (!read || !entry) continue;
      functions.push({
        ...base,
        offset: item.start + start,
        entry,
        transfers: traced(withSkips(read.instructions), 8, new Set(), read.atBeginning),
      });
    }
  }
  return functions.length > 0 ? [{ source, functions, tables: [], problems: [] }] : [];
}

/** A quick look before a closer one: VM-entry by its mnemonic, or by a macro that says so. */
function mayEnterGuest(text: string): boolean {
  return /vmlaunch|vmresume|vmrun/i.test(text);
}
