import { testedValue, type Guard } from '../../syntax/conditions/guard.js';
import { EGPRS } from '../../syntax/x86/registers.js';
import type { FunctionSource } from '../source/functionSource.js';
import { keptTable } from '../../cache/keptTables.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import { functionsCalling, functionsNaming, functionsThat } from '../source/functionIndex.js';
import { macrosNaming, macrosReaching } from '../source/macroIndex.js';
import type { RegisterFile } from '../registers/registerFile.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { AsmTransfer } from '../assembly/asmFunction.js';
import type { AsmFileFacts } from '../assembly/asmFile.js';

/** A tree's names around R16-R31. All are empty in a tree that does nothing with them. */
export interface EgprNames {
  /** Macros that name a slot of theirs, or that have assembly with them. */
  readonly macros: ReadonlySet<string>;
  /** The names that C may set a flag by which assembly tests before it moves them, with the name that is tested. */
  readonly flags: ReadonlyMap<string, string>;
  /** Functions with two pointers that those which name a slot call, directly or by another: they may copy from one to the other. */
  readonly helpers: ReadonlySet<string>;
  /** Functions that move them in assembly, and those that call such functions. */
  readonly movers: ReadonlySet<string>;
  /** Functions that call one that names such a flag: what they call it under is a condition of the flag. */
  readonly flagCallers: ReadonlySet<string>;
}

/** An operand of theirs in assembly (its number may be pasted by a macro), or the prefix that bytes of an instruction with one begin with. */
const IN_ASSEMBLY = /%r(?:1[6-9]|2\d|3[01])[dwb]?\b|%r"$|\b0x[dD]5\b/;

const ASM_WORDS = ['asm', '__asm__', '__asm'];

/** Calls between a function and the one that moves registers, or sets a flag, at the most. */
const FARTHEST = 3;

/** Finds a tree's names around R16-R31. */
export function egprNames(
  outlines: readonly SourceOutline[],
  assembly: readonly AsmFileFacts[],
  registers: RegisterFile,
  asmMacros: ReadonlySet<string>,
): EgprNames {
  const inAssembly = outlines.flatMap(assemblyMacros);
  const macros = new Set([...inAssembly, ...macrosReaching(outlines, [...egprMembers(registers), ...inAssembly])]);
  const transfers = assembly.flatMap((file) => file.functions.flatMap((fn) => fn.transfers.filter(movesEgpr)));
  const tested = transfers.flatMap(({ guards }) => guards.flatMap((guard) => flagIn(guard) ?? []));
  // A bit's number may be tested of a flag that is made of it: `#define FLAG BIT(FLAG_SHIFT)`.
  const flags = new Map(
    [...new Set(tested)].flatMap((flag) => [flag, ...macrosNaming(outlines, flag)].map((name) => [name, flag])),
  );
  const statements = [...macros].filter((name) => asmMacros.has(name));
  const setters = outlines.flatMap((file) => [...flags.keys()].flatMap(functionsNaming(file)));
  const members = new Set(setters.flatMap((fn) => membersSet(fn, flags)));
  const takers = outlines.flatMap((file) => [...members].flatMap(functionsNaming(file)));
  return {
    macros,
    flags,
    helpers: copyHelpers(outlines, [...egprMembers(registers), ...macros]),
    movers: withCallers(outlines, movers(outlines, assembly, macros, statements)),
    flagCallers: withCallers(outlines, new Set([...setters, ...takers].map(({ name }) => name))),
  };
}

/** The members that a function puts one of some flags into: `vmx->extra_flags |= FLAG`. */
function membersSet({ code, bodyStart }: FunctionSource, flags: ReadonlyMap<string, string>): string[] {
  return [...code.slice(bodyStart).matchAll(MEMBER_SET)].flatMap(([, member, value = '']) =>
    member !== undefined && value.split(/\W+/).some((word) => flags.has(word)) ? [member] : [],
  );
}

const MEMBER_SET = /(?:->|\.)(\w+)\s*\|?=(?!=)([^;]*);/g;

/** The macros of a file that have assembly with one of them in their body. */
const assemblyMacros = memoizeByIdentity(
  ({ directives }: SourceOutline): readonly string[] =>
    directives.macros.flatMap(({ name, body }) =>
      body.some(({ kind, text }) => kind === 'string' && IN_ASSEMBLY.test(text)) ? [name] : [],
    ),
  keptTable('assemblyMacros'),
);

/** The enum's names of R16-R31, and the macros of their numbers. */
export function egprMembers({ members, numberMacros }: RegisterFile): string[] {
  const own = members.filter((member) => member.role === 'register' && EGPRS.has(member.register));
  const numbers = [...numberMacros].filter(([, member]) => own.includes(member));
  return [...own.map(({ name }) => name), ...numbers.map(([name]) => name)];
}

/** The functions of a file that have two pointers among their parameters at least. */
const withTwoPointers = functionsThat('withTwoPointers', ({ code, nameStart, bodyStart }) => {
  const parameters = code.slice(nameStart, bodyStart).split(',');
  return parameters.filter((parameter) => parameter.includes('*')).length > 1;
});

/** The names of functions with two pointers that functions which have one of some words call, themselves or by another of these. */
function copyHelpers(outlines: readonly SourceOutline[], words: readonly string[]): Set<string> {
  const found = new Set<string>();
  let callers = outlines.flatMap((file) => words.flatMap(functionsNaming(file)));
  for (let distance = 0; distance < FARTHEST && callers.length > 0; distance++) {
    const called = new Set(callers.flatMap((fn) => fn.calls.map(({ name }) => name)));
    callers = outlines.flatMap(withTwoPointers).filter(({ name }) => called.has(name) && !found.has(name));
    for (const { name } of callers) found.add(name);
  }
  return found;
}

/** Whether an instruction moves one of R16-R31. */
export function movesEgpr({ gpr }: Pick<AsmTransfer, 'gpr'>): boolean {
  return gpr !== null && EGPRS.has(gpr);
}

/** The flag of KVM's own that a condition in assembly tests, or null: not a configuration or a CPU feature. */
function flagIn(guard: Guard): string | null {
  const name = guard.kind === 'config' ? null : (testedValue(guard)?.name ?? null);
  return name !== null && /^[A-Za-z_]\w*$/.test(name) && !/^(?:CONFIG|X86_FEATURE)_/.test(name) ? name : null;
}

/** Whether a C function has assembly with R16-R31. */
function hasEgprAsm({ words, code }: FunctionSource, macros: ReadonlySet<string>): boolean {
  if (!ASM_WORDS.some((word) => words.has(word))) return false;
  const isMacro = [...words.keys()].some((word) => macros.has(word));
  return isMacro || IN_ASSEMBLY.test(code);
}

/** The functions that move one of them themselves. */
function movers(
  outlines: readonly SourceOutline[],
  assembly: readonly AsmFileFacts[],
  macros: ReadonlySet<string>,
  statements: readonly string[],
): Set<string> {
  const inC = outlines.flatMap((file) => [
    ...ASM_WORDS.flatMap(functionsNaming(file)).filter((fn) => hasEgprAsm(fn, macros)),
    // An `asm` statement that a macro makes is in no function's text.
    ...statements.flatMap(functionsNaming(file)),
  ]);
  return new Set([
    ...assembly.flatMap((file) =>
      file.functions.flatMap((fn) => (fn.entry === null && fn.transfers.some(movesEgpr) ? [fn.name] : [])),
    ),
    ...inC.map(({ name }) => name),
  ]);
}

/** Functions, with those that call them. */
function withCallers(outlines: readonly SourceOutline[], functions: ReadonlySet<string>): Set<string> {
  const found = new Set(functions);
  let fresh = [...found];
  for (let distance = 0; distance < FARTHEST; distance++) {
    const callers = fresh.flatMap((name) => functionsCalling(outlines, name)).map((fn) => fn.name);
    fresh = [...new Set(callers)].filter((name) => !found.has(name));
    for (const name of fresh) found.add(name);
  }
  return found;
}
