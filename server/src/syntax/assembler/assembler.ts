import type { Problem } from '../text/problem.js';
import type { Span } from '../text/sourceText.js';
import { tokenize } from '../text/tokens.js';
import { glued, immediateApart, plainToken, splitAt, textOf, type AsmToken, type Statement } from './asmToken.js';
import { directiveArguments, directiveName, readBlocks, type Block, type Branch } from './blocks.js';
import { branchHolds } from './branchHolds.js';
import { conditionsHold, knownNames } from '../preprocessor/conditionTruth.js';
import { expandStatement, FUNCTION_BEGINS, FUNCTION_ENDS, INNER_LABEL, linkageSymbol } from './cppExpansion.js';
import type { DefineLookup } from './defineLookup.js';
import type { AsmEnvironment } from './definitions.js';
import { encodedInstructions, sizeOfData, type BegunEncoding } from './encodedData.js';
import { readExpression } from './expression.js';
import type { AsmFunction, AsmInstruction, MacroUse } from './instruction.js';
import { macroArguments, readMacroHeader, substituted, type AsmMacro, type Substitutions } from './macroUse.js';
import { readOperands, type InlineOperand } from './operand.js';
import type { EncodedValue } from '../x86/rex2.js';
import { itemOf, repetitions } from './repetitions.js';
import { symbolTable, type SymbolTable } from './symbolTable.js';

/** Work that no kernel file comes near: beyond it, macros stay unexpanded. */
const MOST_STATEMENTS = 50_000;
const LONGEST_ARGUMENTS = 4_000;
const DEEPEST = 40;
const DEEPEST_BLOCKS = 100;

const PREFIX = /^(?:lock|rep|repe|repz|repne|repnz|notrack|bnd|data16|addr32|rex|rex64|cs|ds|es|fs|gs|ss)$/;
/** Macros whose string arguments are instructions that are patched in or out at boot (asm/alternative.h). */
const ALTERNATIVE = 'ALTERNATIVE';

/** What the assembler is given besides the statements. */
interface AssemblerInput {
  readonly environment: AsmEnvironment;
  readonly defines: DefineLookup;
  readonly inlineOperand: (placeholder: string) => InlineOperand | null;
}

/** What comes out. */
interface Assembled {
  readonly functions: readonly AsmFunction[];
  readonly instructions: readonly AsmInstruction[];
  readonly problems: readonly Problem[];
}

interface State extends AssemblerInput {
  readonly symbols: SymbolTable;
  readonly macros: Map<string, AsmMacro>;
  /** Bodies of headers' macros, by name and conditions. */
  readonly bodies: Map<string, readonly Statement[]>;
  readonly functions: AsmFunction[];
  readonly instructions: AsmInstruction[];
  readonly problems: Problem[];
  readonly globals: ReadonlySet<string>;
  readonly sections: (string | null)[];
  function: {
    name: string;
    nameStart: number;
    start: number;
    conditions: readonly string[];
    isImplicit: boolean;
  } | null;
  labels: string[];
  /** Data at the end of the instructions that begin an encoding. */
  begun: BegunEncoding | null;
  statements: number;
  /** Macros, repetitions and conditionals around the statement that is run. */
  depth: number;
  counter: number;
}

/** Where statements come from: macros around them, the conditions over those, and the place in this file. */
interface Scope {
  readonly expansion: readonly MacroUse[];
  readonly conditions: readonly string[];
  /** The outermost macro use; null for statements written in this file. */
  readonly place: Span | null;
  readonly isAlternative: boolean;
  readonly feature: string | null;
  /** The `.irp` item that the statements are repeated for. */
  readonly item: Span | null;
}

/** Runs statements as GNU as does, without encoding anything. Never throws; the work is bounded. */
export function assemble(statements: readonly Statement[], input: AssemblerInput): Assembled {
  const { environment, defines } = input;
  const state: State = {
    ...input,
    symbols: symbolTable(environment.wordSize, input.inlineOperand),
    macros: new Map(environment.asmMacros),
    bodies: new Map(),
    functions: [],
    instructions: [],
    problems: [],
    globals: declaredFunctions(statements),
    sections: [null],
    function: null,
    labels: [],
    begun: null,
    statements: 0,
    depth: 0,
    counter: 0,
  };
  const scope: Scope = { expansion: [], conditions: [], place: null, isAlternative: false, feature: null, item: null };
  for (const statement of environment.assignments) {
    for (const expanded of expandStatement(statement, defines(null), environment.wordSize))
      state.symbols.assign(glued(expanded.tokens));
  }
  run(preprocessed(statements, scope, state, true), scope, state);
  closeFunction(state, statements.at(-1)?.end ?? 0);
  return { functions: state.functions, instructions: state.instructions, problems: state.problems };
}

/** Names that `.globl` or `.type NAME, @function` declares. */
function declaredFunctions(statements: readonly Statement[]): Set<string> {
  const declaring = statements.filter(({ tokens }) => /^\.(?:globl|global|type)$/.test(directiveName(tokens) ?? ''));
  return new Set(declaring.flatMap(({ tokens }) => glued(directiveArguments(tokens))[0]?.text ?? []));
}

/** The statements that this kernel's preprocessor leaves, with `#define`s expanded. */
function preprocessed(statements: readonly Statement[], scope: Scope, state: State, isOwn: boolean): Statement[] {
  const { wordSize } = state.environment;
  const known = knownNames(wordSize, scope.conditions);
  return statements
    .filter(({ conditions }) => conditionsHold(conditions, known) !== false)
    .flatMap((statement) => expandStatement(statement, state.defines(isOwn ? statement : null), wordSize));
}

function run(statements: readonly Statement[], scope: Scope, state: State): void {
  runBlocks(readBlocks(statements, state.problems), statements[0]?.start ?? 0, scope, state);
}

function runBlocks(blocks: readonly Block[], start: number, scope: Scope, state: State): void {
  if (state.depth >= DEEPEST_BLOCKS) {
    state.problems.push({ offset: scope.place?.start ?? start, message: 'blocks are nested too deep' });
    return;
  }
  state.depth++;
  for (const block of blocks) {
    if (state.statements > MOST_STATEMENTS) break;
    if (state.statements++ === MOST_STATEMENTS)
      state.problems.push({
        offset: scope.place?.start ?? start,
        message: 'too many statements; the rest is not read',
      });
    else runBlock(block, scope, state);
  }
  state.depth--;
}

function runBlock(block: Block, scope: Scope, state: State): void {
  switch (block.kind) {
    case 'statement':
      runStatement(block.statement, scope, state);
      return;
    case 'macro': {
      const macro = readMacroHeader(block.header, block.body);
      if (macro) state.macros.set(macro.name, { ...macro, isExpanded: true });
      return;
    }
    case 'repeat':
      runRepetition(block.header, block.body, scope, state);
      return;
    case 'conditional':
      runConditional(block.branches, scope, state);
  }
}

function runRepetition(header: Statement, body: readonly Statement[], scope: Scope, state: State): void {
  const rest = glued(directiveArguments(header.tokens));
  const directive = directiveName(header.tokens);
  for (const given of repetitions(directive, rest, state.symbols)) {
    if (state.statements > MOST_STATEMENTS) return;
    run(substituted(body, given, state.counter, null), { ...scope, item: itemOf(given) ?? scope.item }, state);
  }
}

/** Runs the branch that holds; branches of which that isn't known all run, each under its condition. */
function runConditional(branches: readonly Branch[], scope: Scope, state: State): void {
  let conditions = scope.conditions;
  for (const { header, body } of branches) {
    const holds = header === null ? true : branchHolds(header, state.symbols);
    if (holds === false) continue;
    const condition = header
      ? `.${directiveName(header.tokens)?.slice(1) ?? ''} ${textOf(directiveArguments(header.tokens))}`
      : null;
    const own = holds === null && condition !== null ? [...conditions, condition] : conditions;
    runBlocks(body, header?.start ?? 0, { ...scope, conditions: own }, state);
    if (holds) return;
    if (condition !== null) conditions = [...conditions, `!(${condition})`];
  }
}

function runStatement(statement: Statement, scope: Scope, state: State): void {
  const tokens = withoutLabels(glued(statement.tokens), statement, scope, state);
  const [first] = tokens;
  if (!first || state.symbols.assign(tokens)) return;
  const linkage = linkageSymbol(tokens, INNER_LABEL);
  const begin = linkage ? null : linkageSymbol(tokens, FUNCTION_BEGINS);
  const end = (linkage ?? begin) ? null : linkageSymbol(tokens, FUNCTION_ENDS);
  const directive = directiveName(tokens);
  const macro = first.text.includes(ALTERNATIVE) ? undefined : state.macros.get(first.text);
  if (linkage) state.labels.push(linkage.text);
  else if (begin) openFunction(begin, statement, scope, state, false);
  else if (end) closeFunction(state, statement.end);
  else if (directive !== null && sizeOfData(directive) === null)
    runDirective(directive, directiveArguments(tokens), state);
  else if (macro) useMacro(macro, tokens, statement, scope, state);
  else if (first.text.includes(ALTERNATIVE)) runAlternatives(tokens.slice(1), statement, scope, state);
  else emit(tokens, statement, scope, state);
}

/** Takes the labels off a statement's beginning. */
function withoutLabels(
  tokens: readonly AsmToken[],
  statement: Statement,
  scope: Scope,
  state: State,
): readonly AsmToken[] {
  let rest = tokens;
  while (rest[1]?.text === ':' && (rest[0]?.kind === 'word' || rest[0]?.kind === 'number')) {
    const label = rest[0];
    const isLocal = label.kind === 'number' || label.text.startsWith('.L');
    if (!isLocal && (state.function === null || (state.function.isImplicit && state.globals.has(label.text)))) {
      openFunction(label, statement, scope, state, true);
    }
    state.labels.push(label.text);
    rest = rest.slice(2);
  }
  return rest;
}

function openFunction(name: AsmToken, statement: Statement, scope: Scope, state: State, isImplicit: boolean): void {
  closeFunction(state, statement.start);
  const conditions = [...scope.conditions, ...statement.conditions];
  state.function = { name: name.text, nameStart: name.start, start: statement.start, conditions, isImplicit };
}

function closeFunction(state: State, end: number): void {
  if (!state.function) return;
  const { name, nameStart, start, conditions } = state.function;
  state.functions.push({ name, nameStart, start, end, conditions });
  state.function = null;
  state.labels = [];
}

function runDirective(directive: string, rest: readonly AsmToken[], state: State): void {
  const section = rest.find((token) => token.kind !== 'punctuator')?.text.replaceAll('"', '') ?? null;
  if (directive === '.section') state.sections[state.sections.length - 1] = section;
  else if (directive === '.text' || directive === '.data') state.sections[state.sections.length - 1] = directive;
  else if (directive === '.pushsection') state.sections.push(section);
  else if (directive === '.popsection' && state.sections.length > 1) state.sections.pop();
  else if (directive === '.purgem') state.macros.delete(rest[0]?.text ?? '');
}

function useMacro(
  macro: AsmMacro,
  tokens: readonly AsmToken[],
  statement: Statement,
  scope: Scope,
  state: State,
): void {
  const [name] = tokens;
  const length = tokens.reduce((sum, token) => sum + token.text.length, 0);
  if (!name || scope.expansion.length >= DEEPEST || length > LONGEST_ARGUMENTS) {
    const place = scope.place ?? statement;
    state.problems.push({ offset: place.start, message: `${macro.name} expands too deep or too long` });
    return;
  }
  const place = scope.place ?? { start: statement.start, end: statement.end };
  const inner: Scope = {
    expansion: [...scope.expansion, { name: macro.name, ...place }],
    conditions: [...scope.conditions, ...statement.conditions],
    place,
    isAlternative: scope.isAlternative,
    feature: scope.feature,
    item: scope.item,
  };
  const body = macro.isExpanded ? macro.body : preprocessedBody(macro, inner, state);
  const given = macroArguments(macro, tokens.slice(1));
  run(substituted(body, unquoted(given), state.counter++, name), inner, state);
}

/** A header's macro as this kernel's preprocessor leaves it, under the conditions of its use. */
function preprocessedBody(macro: AsmMacro, scope: Scope, state: State): readonly Statement[] {
  const key = `${macro.name} ${scope.conditions.join('\n')}`;
  const body = state.bodies.get(key) ?? preprocessed(macro.body, scope, state, false);
  state.bodies.set(key, body);
  return body;
}

/** A macro's quoted argument stands for what is in the quotes. */
function unquoted(given: Substitutions): Substitutions {
  return new Map(
    Array.from(given, ([name, tokens]) => [name, tokens.length === 1 ? tokens.flatMap(insideString) : tokens]),
  );
}

/** The tokens inside a string, at their own places where the string stands in this file as it is; other tokens as they are. */
function insideString(token: AsmToken): readonly AsmToken[] {
  if (token.kind !== 'string') return [token];
  const isWhole = !token.isBorrowed && token.end - token.start === token.text.length;
  return tokenize(token.text.slice(1, -1))
    .flatMap(immediateApart)
    .map((inner) => ({
      ...plainToken(inner),
      start: isWhole ? token.start + 1 + inner.start : token.start,
      end: isWhole ? token.start + 1 + inner.end : token.end,
      through: token.through,
      isBorrowed: token.isBorrowed,
    }));
}

/** Runs the instructions in the strings and `__stringify(...)`s of an ALTERNATIVE's arguments. */
function runAlternatives(tokens: readonly AsmToken[], statement: Statement, scope: Scope, state: State): void {
  const all = splitAt(tokens, ',');
  for (const [i, argument] of all.entries()) {
    const [first, open] = argument;
    const isStringified = first?.text === '__stringify' && open?.text === '(';
    const inside = isStringified ? argument.slice(2, -1) : first?.kind === 'string' ? insideString(first) : [];
    const statements = splitAt(inside, ';').map((part) => ({ ...statement, tokens: part }));
    run(
      statements.filter((part) => part.tokens.length > 0),
      { ...scope, isAlternative: true, feature: featureOf(all, i) },
      state,
    );
  }
}

/** The feature of an argument of `ALTERNATIVE old, new, feature` or `ALTERNATIVE_2 old, new, feature, new, feature`. */
function featureOf(all: readonly (readonly AsmToken[])[], i: number): string | null {
  if (i > 0) return textOf(all[i + 1] ?? []) || null;
  return all.length === 3 ? `!(${textOf(all[2] ?? [])})` : null;
}

function emit(tokens: readonly AsmToken[], statement: Statement, scope: Scope, state: State): void {
  let start = 0;
  while (start < tokens.length - 1 && PREFIX.test(tokens[start]?.text ?? '')) start++;
  const mnemonic = tokens[start];
  if (mnemonic?.kind !== 'word') return;
  const place = scope.place ?? placeOfTokens(tokens, statement);
  const rest = tokens.slice(start + 1);
  const size = sizeOfData(mnemonic.text);
  const context = { symbols: state.symbols.lookup, place, inlineOperand: state.inlineOperand };
  const uses = mnemonic.through.filter((name) => name !== mnemonic.text).map((name) => ({ name, ...place }));
  const instruction: AsmInstruction = {
    mnemonic: mnemonic.text,
    prefixes: tokens.slice(0, start).map((token) => token.text),
    operands: size === null ? readOperands(rest, context) : [],
    bytes: [],
    expansion: [...scope.expansion, ...uses],
    function: state.function?.name ?? null,
    conditions: [...new Set([...scope.conditions, ...statement.conditions])],
    labels: state.labels,
    isAlternative: scope.isAlternative,
    feature: scope.feature,
    item: scope.item,
    section: state.sections.at(-1) ?? null,
    start: place.start,
    end: place.end,
  };
  if (size === null) {
    state.instructions.push(instruction);
    state.begun = null;
  } else {
    const expressions = splitAt(rest, ',').map((part) => readExpression(part, state.symbols.lookup, place));
    emitData(
      instruction,
      expressions.map((expression) => ({ expression, size })),
      state,
    );
  }
  state.labels = [];
}

/** Puts data into the code: the instructions that it encodes, else itself. */
function emitData(data: AsmInstruction, values: readonly EncodedValue[], state: State): void {
  const begun = data.labels.length === 0 ? state.begun : null;
  state.begun = null;
  // Only what kernels write instructions with is of interest.
  if (!begun && values.some(({ size }) => size !== 1)) return;
  if (begun) state.instructions.pop();
  const encoded = encodedInstructions(data, values, begun, state.environment.wordSize);
  state.instructions.push(...encoded.instructions);
  state.begun = encoded.begun;
}

/** The statement without what a `#define` that makes several statements put around it. */
function placeOfTokens(tokens: readonly AsmToken[], statement: Statement): Span {
  const written = tokens.filter((token) => token.start >= statement.start && token.end <= statement.end);
  if (written.length === 0) return { start: statement.start, end: statement.end };
  return { start: Math.min(...written.map((t) => t.start)), end: Math.max(...written.map((t) => t.end)) };
}
