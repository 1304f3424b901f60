import type { Problem } from '../text/sourceText.js';
import { alternatives, isAlternativeUse } from './alternatives.js';
import { isMisused, readMacro, type AsmMacro } from './asmMacro.js';
import { glued, textOf, type AsmToken } from './asmToken.js';
import { readBlocks, type Block } from './blocks.js';
import { codeWriter, type CodeWriter } from './codeWriter.js';
import { wrongOperands, liveBranches, reachedError } from './conditionalAssembly.js';
import { expandStatement, preprocessed } from './cppExpansion.js';
import type { AsmEnvironment, DefineLookup } from './definitions.js';
import {
  INTEL_SYNTAX,
  type AsmAlternative,
  type AsmData,
  type AsmFunction,
  type AsmInstruction,
  type UnreadPlace,
} from './instruction.js';
import { EXCEPTION_TABLE, readExceptionEntry } from './exceptionTable.js';
import { readExpression } from './expression.js';
import { withoutLabels } from './labels.js';
import { readLinkage } from './linkage.js';
import { isMalformed } from './malformed.js';
import { macroTable, type MacroTable } from './macroTable.js';
import type { InlineOperand } from './operand.js';
import { dataSize, placeInScope, readCode } from './readCode.js';
import { rounds } from './repetitions.js';
import { conditionsOf, FILE_SCOPE, type Scope } from './scope.js';
import { sectionStack, type SectionStack } from './sections.js';
import { directiveArguments, directiveName, type Statement } from './statements.js';
import { substituted } from './substitution.js';
import { symbolTable, type SymbolTable } from './symbols.js';

/** Work that no kernel file comes near: beyond it, macros stay unexpanded. */
const MOST_STATEMENTS = 20_000;
/** Statements that macros and repetitions may make, also those that nothing comes to: in blocks within blocks each is made again. */
const MOST_COPIES = 2 * MOST_STATEMENTS;
/** Functions of a file: a kernel's has some dozens, a macro that opens one and uses itself thousands. */
const MOST_FUNCTIONS = 1_000;
const LONGEST_USE = 4_000;
const DEEPEST_MACROS = 40;
const DEEPEST_BLOCKS = 100;

/** What the assembler is given besides the statements. */
interface AssemblerInput {
  readonly environment: AsmEnvironment;
  readonly defines: DefineLookup;
  /** The operand of the `asm()` statement that `%0` or `%[name]` means. */
  readonly inlineOperand: (placeholder: string) => InlineOperand | null;
}

/** What comes out, in the order of the text. */
interface Assembled {
  readonly functions: readonly AsmFunction[];
  readonly code: readonly (AsmInstruction | AsmData)[];
  readonly alternatives: readonly AsmAlternative[];
  readonly problems: readonly Problem[];
}

/** What statements change, and what they are read with. */
interface Assembler {
  readonly symbols: SymbolTable;
  readonly macros: MacroTable;
  readonly sections: SectionStack;
  readonly code: CodeWriter;
  readonly problems: Problem[];
  readonly inlineOperand: AssemblerInput['inlineOperand'];
  /** The `.intel_syntax` that is in force; null for AT&T syntax. */
  intelSyntax: UnreadPlace | null;
  readonly wordSize: AsmEnvironment['wordSize'];
  /** `.altmacro` is in force. */
  hasAltMacros: boolean;
  /** How many blocks were assembled. */
  blocks: number;
  /** How many statements macros and repetitions made. */
  copies: number;
}

/** Runs statements as GNU as does, without encoding anything. Never throws; the work is bounded. */
export function assemble(statements: readonly Statement[], input: AssemblerInput): Assembled {
  const { environment, defines, inlineOperand } = input;
  const { wordSize } = environment;
  const symbols = symbolTable(wordSize, inlineOperand);
  const macros = macroTable(environment, (body, conditions) =>
    preprocessed(body, conditions, wordSize, () => defines(null)),
  );
  const sections = sectionStack();
  const code = codeWriter(sections, declaredFunctions(statements));
  const problems: Problem[] = [];
  for (const statement of environment.assignments) {
    for (const { tokens } of expandStatement(statement, defines(null), wordSize)) symbols.assign(glued(tokens));
  }
  const own = preprocessed(statements, [], wordSize, defines);
  run(own, FILE_SCOPE, {
    symbols,
    macros,
    sections,
    code,
    problems,
    inlineOperand,
    intelSyntax: null,
    hasAltMacros: false,
    wordSize,
    blocks: 0,
    copies: 0,
  });
  code.endFunction(statements.at(-1)?.end ?? 0);
  return { functions: code.functions, code: code.code, alternatives: code.alternatives, problems };
}

/** Names that `.globl` or `.type NAME, @function` declares. */
function declaredFunctions(statements: readonly Statement[]): Set<string> {
  const declaring = statements.filter(({ tokens }) => /^\.(?:globl|global|type)$/.test(directiveName(tokens) ?? ''));
  return new Set(declaring.flatMap(({ tokens }) => glued(directiveArguments(tokens))[0]?.text ?? []));
}

function run(statements: readonly Statement[], scope: Scope, assembler: Assembler): void {
  runBlocks(readBlocks(statements, assembler.problems), statements[0]?.start ?? 0, scope, assembler);
}

/** {@link run} of what a macro or a repetition made. */
function runCopies(statements: readonly Statement[], scope: Scope, assembler: Assembler): void {
  assembler.copies += statements.length;
  if (assembler.copies > MOST_COPIES) assembler.blocks = Math.max(assembler.blocks, MOST_STATEMENTS);
  run(statements, scope, assembler);
}

/** `start`: where the blocks begin, for a problem with them all. */
function runBlocks(blocks: readonly Block[], start: number, around: Scope, assembler: Assembler): void {
  const offset = around.place?.start ?? start;
  if (around.depth >= DEEPEST_BLOCKS) {
    assembler.problems.push({ offset, message: 'blocks are nested too deep' });
    return;
  }
  const scope = { ...around, depth: around.depth + 1 };
  for (const block of blocks) {
    if (assembler.blocks > MOST_STATEMENTS) break;
    const isFull = assembler.code.functions.length >= MOST_FUNCTIONS;
    if (isFull) assembler.blocks = MOST_STATEMENTS;
    const what = isFull ? 'functions' : 'statements';
    if (assembler.blocks++ === MOST_STATEMENTS)
      assembler.problems.push({ offset, message: `too many ${what}; the rest is not read` });
    else runBlock(block, scope, assembler);
  }
}

function runBlock(block: Block, scope: Scope, assembler: Assembler): void {
  const { symbols, macros } = assembler;
  switch (block.kind) {
    case 'statement':
      runStatement(block.statement, scope, assembler);
      return;
    case 'macro': {
      const macro = readMacro(block);
      if (macro) macros.define({ ...macro, isExpanded: true });
      return;
    }
    case 'repeat':
      for (const { given, item } of rounds(block.header, symbols)) {
        if (assembler.blocks > MOST_STATEMENTS) return;
        const statements = substituted(block.body, { given, count: macros.count(), use: null });
        runCopies(statements, { ...scope, item: item ?? scope.item }, assembler);
      }
      return;
    case 'conditional':
      for (const { header } of block.branches) {
        const wrong = header && wrongOperands(header);
        if (!wrong) continue;
        const { start } = placeInScope(header, scope);
        assembler.problems.push({ offset: start, message: `${directiveName(header.tokens) ?? ''} ${wrong}` });
      }
      if (isAssembled(scope, assembler)) refuse(reachedError(block.branches, symbols), scope, assembler);
      for (const { body, start, conditions } of liveBranches(block.branches, scope.conditions, symbols))
        runBlocks(body, start, { ...scope, conditions }, assembler);
  }
}

/** Whether some kernel has what is under a scope's conditions: many are of 64 bits alone, whatever they say. */
function isAssembled({ conditions }: Scope, { wordSize }: Assembler): boolean {
  return conditions.length === 0 || (wordSize === 8 && conditions.every(({ kind }) => kind === 'config'));
}

/** Lists that nothing can be assembled here: an `.error` is come to. */
function refuse(error: Statement | null, scope: Scope, { problems }: Assembler): void {
  if (!error) return;
  const why = error.tokens.find(({ kind }) => kind === 'string')?.text ?? directiveName(error.tokens) ?? '';
  problems.push({ offset: placeInScope(error, scope).start, message: `${why}: nothing is assembled here` });
}

function runStatement(written: Statement, scope: Scope, assembler: Assembler): void {
  const { symbols, macros, code } = assembler;
  const at = { start: written.start, conditions: conditionsOf(written, scope) };
  const tokens = withoutLabels(glued(written.tokens), (label) => {
    code.writeLabel(label, at);
  });
  const [first] = tokens;
  if (!first || symbols.assign(tokens)) return;
  const statement = { ...written, tokens };
  const linkage = readLinkage(tokens);
  const exception = readExceptionEntry(tokens);
  const directive = directiveName(tokens);
  const isAlternative = isAlternativeUse(statement);
  const macro = isAlternative ? undefined : macros.find(first.text);
  if (linkage?.kind === 'label') code.setLabel(linkage.symbol.text);
  else if (linkage?.kind === 'begin') code.beginFunction(linkage.symbol, at);
  else if (linkage?.kind === 'end') code.endFunction(written.end);
  else if (exception) writeException(exception, statement, scope, assembler);
  else if (directive !== null && dataSize(directive) === null) runDirective(directive, statement, scope, assembler);
  else if (macro) useMacro(macro, statement, scope, assembler);
  else if (isAlternative) useAlternative(statement, scope, assembler);
  else writeCode(statement, scope, assembler);
}

/** Writes the addresses of an entry in the exception table, into its section. */
function writeException(
  addresses: readonly (readonly AsmToken[])[],
  statement: Statement,
  scope: Scope,
  { symbols, sections, code }: Assembler,
): void {
  const place = placeInScope(statement, scope);
  const values = addresses.map((tokens) => ({
    expression: readExpression(tokens, symbols.lookup, place),
    size: 8 as const,
  }));
  sections.push(EXCEPTION_TABLE);
  code.write({ ...place, values });
  sections.pop();
}

/** What no `.macro` is known for is an instruction, whatever its name: an unknown macro too. */
function writeCode(statement: Statement, scope: Scope, assembler: Assembler): void {
  const { symbols, inlineOperand, code, intelSyntax } = assembler;
  const piece = readCode(statement, scope, { symbols: symbols.lookup, inlineOperand });
  if (piece && 'values' in piece) code.write(piece);
  else if (intelSyntax !== null) {
    if (piece)
      code.write({ ...piece, operands: piece.operands.filter(({ kind }) => kind === 'symbol'), unread: intelSyntax });
  } else if (isMalformed(statement.tokens)) {
    const { start, end } = placeInScope(statement, scope);
    const name = textOf(statement.tokens);
    assembler.problems.push({ offset: start, message: `${name}: no instruction is written so` });
    if (piece) code.write({ ...piece, operands: [], unread: { name, start, end } });
  } else if (piece) code.write(piece);
}

/** Directives that are not known here say nothing of instructions: `.align`, `.size`. */
function runDirective(directive: string, statement: Statement, scope: Scope, assembler: Assembler): void {
  const given = directiveArguments(statement.tokens);
  if (directive === '.purgem') assembler.macros.purge(given[0]?.text ?? '');
  else if (directive === '.altmacro' || directive === '.noaltmacro') assembler.hasAltMacros = directive === '.altmacro';
  else if (directive === '.att_syntax') assembler.intelSyntax = null;
  else if (directive === INTEL_SYNTAX) useIntelSyntax(statement, scope, assembler);
  else assembler.sections.apply(directive, given);
}

function useIntelSyntax(statement: Statement, scope: Scope, assembler: Assembler): void {
  const { start, end } = placeInScope(statement, scope);
  assembler.intelSyntax = { name: INTEL_SYNTAX, start, end };
  assembler.problems.push({ offset: start, message: `${INTEL_SYNTAX} is not read` });
}

function useAlternative(use: Statement, scope: Scope, assembler: Assembler): void {
  const branches = alternatives(use);
  const at = assembler.code.writeAlternative({ ...placeInScope(use, scope), branches: branches.length });
  branches.forEach(({ statements, feature }, branch) => {
    run(statements, { ...scope, alternative: { use: at, branch, feature } }, assembler);
  });
}

function useMacro(macro: AsmMacro, use: Statement, scope: Scope, assembler: Assembler): void {
  const place = scope.place ?? { start: use.start, end: use.end };
  const length = use.tokens.reduce((sum, token) => sum + token.text.length, 0);
  if (scope.expansion.length >= DEEPEST_MACROS || length > LONGEST_USE) {
    assembler.problems.push({ offset: place.start, message: `${macro.name} expands too deep or too long` });
    return;
  }
  if (!assembler.hasAltMacros && isMisused(macro, use.tokens))
    assembler.problems.push({
      offset: place.start,
      message: `${macro.name}: an argument is missing, or one is too many`,
    });
  if (macro.unsound !== null)
    assembler.problems.push({ offset: place.start, message: `${macro.name}: ${macro.unsound}` });
  const conditions = conditionsOf(use, scope);
  const expansion = [...scope.expansion, { name: macro.name, ...place }];
  const valueOf = assembler.hasAltMacros ? assembler.symbols.valueOf : null;
  runCopies(
    assembler.macros.expand(macro, use.tokens, conditions, valueOf),
    { ...scope, expansion, conditions, place },
    assembler,
  );
}
