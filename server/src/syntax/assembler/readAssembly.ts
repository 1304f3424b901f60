import { readDirectives, type Directives } from '../preprocessor/directives.js';
import type { Problem } from '../text/sourceText.js';
import { decodeData } from '../x86/encodedData.js';
import { assemble } from './assembler.js';
import { defineLookup, readAsmDefinitions, type AsmDefinitions, type AsmEnvironment } from './definitions.js';
import type { AsmCode, AsmFunction } from './instruction.js';
import { readStatements, type Statement } from './statements.js';

/** What an assembly file holds. Functions and instructions in the order of the text. */
export interface Assembly extends AsmCode {
  readonly functions: readonly AsmFunction[];
  readonly problems: readonly Problem[];
}

/** An assembly file's statements and definitions, whatever the kernel that it is built for. */
interface AssemblyText {
  readonly own: AsmDefinitions;
  readonly statements: readonly Statement[];
  readonly problems: readonly Problem[];
}

/** Splits an assembly file into its statements. Offsets are those of `text`. Never throws. */
export function readAssemblyText(text: string, directives: Directives = readDirectives(text)): AssemblyText {
  const problems = [...directives.problems];
  const statements = readStatements(text, directives, problems);
  return { own: readAsmDefinitions(text, directives), statements, problems };
}

/**
 * Reads an assembly file as a kernel of the environment's word size is built: what an `#if` excludes from it is left
 * out, and of other conditions both branches are kept. Macros are expanded, and instructions that are written as bytes
 * decoded. Offsets are those of the file's text. Never throws.
 */
export function readAssembly({ own, statements, problems }: AssemblyText, environment: AsmEnvironment): Assembly {
  const lookup = defineLookup(environment, own.cppMacros, new Set(own.asmMacros.map((macro) => macro.name)));
  const assembled = assemble(statements, { environment, defines: lookup, inlineOperand: () => null });
  return {
    functions: onePerPlace(assembled.functions),
    ...decodeData(assembled.code, environment.wordSize),
    alternatives: assembled.alternatives,
    problems: [...problems, ...assembled.problems],
  };
}

/** Functions, each place's once: a macro that begins one may be used many times, which no assembler takes. */
function onePerPlace(functions: readonly AsmFunction[]): AsmFunction[] {
  return [
    ...new Map(functions.map((fn) => [`${String(fn.start)} ${String(fn.end)} ${fn.name}`, fn] as const)).values(),
  ];
}
