import { memoizeByName } from '../../cache/memoize.js';
import type { ConditionGuard } from '../conditions/guard.js';
import { conditionsHold, knownNames, type WordSize } from '../preprocessor/conditionTruth.js';
import { seenByOneLanguage } from '../preprocessor/languageRanges.js';
import { configGuardsAt, readDirectives, type Directives, type MacroDefinition } from '../preprocessor/directives.js';
import type { MacroLookup } from '../preprocessor/macroExpansion.js';
import { readMacro, type AsmMacro } from './asmMacro.js';
import { readBlocks } from './blocks.js';
import { directiveName, readStatements, type Statement } from './statements.js';
import { isSymbolAssignment } from './symbols.js';

/** A `#define` that the assembler's preprocessor sees, with the `#if` conditions over it. */
export interface ConditionalDefine {
  readonly definition: MacroDefinition;
  readonly conditions: readonly ConditionGuard[];
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
  /** A macro that no included file defines, out of the one other file that does; null for a name without such a file. */
  readonly elsewhere: (name: string) => FoundMacro | null;
}

/** A macro by its name: of the preprocessor, or of the assembler. */
export interface FoundMacro {
  readonly cpp: MacroDefinition | undefined;
  readonly asm: AsmMacro | undefined;
}

/**
 * Reads what a file defines for assembly: `#define`s outside of `#ifndef __ASSEMBLER__`, `.macro`s, symbols. Never
 * throws; takes any text, also a C header without assembly.
 */
export function readAsmDefinitions(text: string, directives: Directives = readDirectives(text)): AsmDefinitions {
  const isForC = seenByOneLanguage(text, directives).isForC;
  const cppMacros = directives.macros
    .filter((definition) => !isForC(definition.start))
    .map((definition) => ({ definition, conditions: configGuardsAt(directives, definition.start) }));
  if (!/\.(?:macro|set|equ)\b/.test(text)) return { cppMacros, asmMacros: [], assignments: [] };
  const statements = readStatements(text, directives, []).filter((statement) => !isForC(statement.start));
  const asmMacros: AsmMacro[] = [];
  const assignments: Statement[] = [];
  for (const block of readBlocks(statements, [])) {
    if (block.kind === 'macro') {
      const macro = readMacro(block);
      if (macro) asmMacros.push(macro);
    } else if (block.kind === 'statement' && /^\.(?:set|equ)$/.test(directiveName(block.statement.tokens) ?? '')) {
      assignments.push(block.statement);
    }
  }
  return { cppMacros, asmMacros, assignments: assignments.filter((statement) => isSymbolAssignment(statement.tokens)) };
}

/** Joins the definitions of the files that an assembly file includes, in the order of inclusion; `defining` gives another file that defines a name. */
export function asmEnvironment(
  files: readonly AsmDefinitions[],
  wordSize: WordSize,
  defining: (name: string) => AsmDefinitions | null = () => null,
): AsmEnvironment {
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
  const elsewhere = memoizeByName((name: string): FoundMacro | null => {
    const file = defining(name);
    if (!file) return null;
    const { cppMacros: cpp, asmMacros: asm } = asmEnvironment([file], wordSize);
    return { cpp: cpp.get(name), asm: asm.get(name) };
  });
  return { wordSize, cppMacros, asmMacros, assignments, elsewhere };
}

/** Finds a macro of the preprocessor that the assembler's file includes, or that is elsewhere. */
export function headerDefine({ cppMacros, elsewhere }: AsmEnvironment, name: string): MacroDefinition | undefined {
  return cppMacros.get(name) ?? elsewhere(name)?.cpp;
}

/** Finds a `#define` for a place in the file, or for a header's text when there is none. */
export type DefineLookup = (statement: Statement | null) => MacroLookup;

/** `#define`s of the file before those of its headers, as far as the conditions at the place allow. */
export function defineLookup(
  environment: AsmEnvironment,
  own: readonly ConditionalDefine[],
  ownAsmMacros: ReadonlySet<string>,
): DefineLookup {
  const byName = new Map<string, ConditionalDefine[]>();
  for (const define of own) byName.set(define.definition.name, [...(byName.get(define.definition.name) ?? []), define]);
  return (statement) => (name) => {
    const definition = chosen(byName.get(name) ?? [], statement, environment) ?? headerDefine(environment, name);
    // An empty #define stands in for a `.macro` of that name under other conditions.
    const isStandIn = definition?.body.length === 0 && (ownAsmMacros.has(name) || environment.asmMacros.has(name));
    return isStandIn ? undefined : definition;
  };
}

function chosen(defines: readonly ConditionalDefine[], statement: Statement | null, environment: AsmEnvironment) {
  if (defines.length === 0) return undefined;
  const known = knownNames(environment.wordSize, statement?.conditions ?? []);
  const before = statement?.start ?? Infinity;
  const fitting = defines.filter((d) => d.definition.start < before && conditionsHold(d.conditions, known) !== false);
  const certain = fitting.filter((d) => conditionsHold(d.conditions, known));
  return (certain.at(-1) ?? fitting.at(-1))?.definition;
}
