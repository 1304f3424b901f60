import { readDirectives, type Directives } from '../preprocessor.js';
import type { Problem } from '../problem.js';
import { assemble } from './assembler.js';
import { defineLookup } from './defineLookup.js';
import { readAsmDefinitions, type AsmEnvironment } from './definitions.js';
import type { AsmFunction, AsmInstruction } from './instruction.js';
import { readStatements } from './statements.js';

/** What an assembly file holds. Functions and instructions in the order of the text. */
export interface Assembly {
  readonly functions: readonly AsmFunction[];
  readonly instructions: readonly AsmInstruction[];
  readonly problems: readonly Problem[];
}

/**
 * Reads an assembly file as a kernel of the environment's word size is built: what an `#if` excludes from it is left
 * out, and of other conditions both branches are kept. Macros are expanded, offsets are those of `text`. Never throws.
 */
export function readAssembly(
  text: string,
  environment: AsmEnvironment,
  directives: Directives = readDirectives(text),
): Assembly {
  const own = readAsmDefinitions(text, directives);
  const lookup = defineLookup(environment, own.cppMacros, new Set(own.asmMacros.map((macro) => macro.name)));
  const problems = [...directives.problems];
  const statements = readStatements(text, directives, problems);
  const assembled = assemble(statements, { environment, defines: lookup, inlineOperand: () => null });
  return { ...assembled, problems: [...problems, ...assembled.problems] };
}
