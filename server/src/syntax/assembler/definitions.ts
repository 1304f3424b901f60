import { conditionsAt, readDirectives, type Directives, type MacroDefinition } from '../preprocessor/directives.js';
import type { Statement } from './asmToken.js';
import { directiveName, readBlocks } from './blocks.js';
import { conditionsHold, knownNames, type WordSize } from '../preprocessor/conditionTruth.js';
import { readMacroHeader, type AsmMacro } from './macroUse.js';
import { isSymbolAssignment } from './symbols.js';
import { readStatements } from './statements.js';

/** A `#define` that the assembler's preprocessor sees, with the `#if` conditions over it. */
export interface ConditionalDefine {
  readonly definition: MacroDefinition;
  readonly conditions: readonly string[];
}

/** What one file defines for assembly. Plain data. */
export interface AsmDefinitions {
  readonly cppMacros: readonly ConditionalDefine[];
  readonly asmMacros: readonly AsmMacro[];
  /** `.set`, `.equ` and `=` outside of macros. */
  readonly assignments: readonly Statement[];
}

/** What the included files define, as a 64-bit or a 32-bit kernel sees it. */
export interface AsmEnvironment {
  readonly wordSize: WordSize;
  readonly cppMacros: ReadonlyMap<string, MacroDefinition>;
  readonly asmMacros: ReadonlyMap<string, AsmMacro>;
  readonly assignments: readonly Statement[];
}

/**
 * Reads what a file defines for assembly: `#define`s outside of `#ifndef __ASSEMBLER__`, `.macro`s, symbols. Never
 * throws; takes any text, also a C header without assembly.
 */
export function readAsmDefinitions(text: string, directives: Directives = readDirectives(text)): AsmDefinitions {
  const isForC = cOnlyRanges(text, directives);
  const cppMacros = directives.macros
    .filter((definition) => !isForC(definition.start))
    .map((definition) => ({ definition, conditions: conditionsAt(directives, definition.start) }));
  if (!/\.(?:macro|set|equ)\b/.test(text)) return { cppMacros, asmMacros: [], assignments: [] };
  const statements = readStatements(text, directives, []).filter((statement) => !isForC(statement.start));
  const asmMacros: AsmMacro[] = [];
  const assignments: Statement[] = [];
  for (const block of readBlocks(statements, [])) {
    if (block.kind === 'macro') {
      const macro = readMacroHeader(block.header, block.body);
      if (macro) asmMacros.push(macro);
    } else if (block.kind === 'statement' && /^\.(?:set|equ)$/.test(directiveName(block.statement.tokens) ?? '')) {
      assignments.push(block.statement);
    }
  }
  return { cppMacros, asmMacros, assignments: assignments.filter((statement) => isSymbolAssignment(statement.tokens)) };
}

/** Joins the definitions of the files that an assembly file includes, in the order of inclusion. */
export function asmEnvironment(files: readonly AsmDefinitions[], wordSize: WordSize): AsmEnvironment {
  const known = knownNames(wordSize);
  const cppMacros = new Map<string, MacroDefinition>();
  const asmMacros = new Map<string, AsmMacro>();
  const certain = new Set<string>();
  const assignments: Statement[] = [];
  for (const file of files) {
    for (const { definition, conditions } of file.cppMacros) {
      const holds = conditionsHold(conditions, known);
      if (holds === false || certain.has(definition.name)) continue;
      if (holds) certain.add(definition.name);
      // Of several that may hold, the first: kernel headers put the usual configuration's first.
      if (holds || !cppMacros.has(definition.name)) cppMacros.set(definition.name, definition);
    }
    for (const macro of file.asmMacros) {
      if (conditionsHold(macro.conditions, known) !== false && !asmMacros.has(macro.name))
        asmMacros.set(macro.name, macro);
    }
    for (const statement of file.assignments)
      if (conditionsHold(statement.conditions, known) !== false) assignments.push(statement);
  }
  return { wordSize, cppMacros, asmMacros, assignments };
}

/** Tells whether an offset is in text that only the C compiler sees. */
function cOnlyRanges(text: string, directives: Directives): (offset: number) => boolean {
  const ranges = directives.conditionals.flatMap(({ start, branches }) => {
    const opening = text.slice(start, branches[0]?.start);
    const language = /^#[ \t]*(ifdef|ifndef|if)[ \t]*(!?)[^\n]*__ASSEMBL(?:ER|Y)__/.exec(opening);
    if (!language) return [];
    const isFirstForC = language[1] === 'ifndef' || language[2] === '!';
    // `#if defined(__ASSEMBLER__) || ...` may hold for C too.
    if (opening.includes('||')) return [];
    return isFirstForC ? branches.slice(0, 1) : opening.includes('&&') ? [] : branches.slice(1);
  });
  return (offset) => ranges.some((range) => range.start <= offset && offset < range.end);
}
