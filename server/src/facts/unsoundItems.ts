import type { OutlineItem } from '../syntax/c/outline.js';
import { isAttribute, isAttributeCall, isReserved, isTypeWord } from '../syntax/c/reservedWords.js';
import { behindParenthesis, closingIndex, splitAt } from '../syntax/text/brackets.js';
import type { Problem } from '../syntax/text/sourceText.js';
import { tokenize, type Token } from '../syntax/text/tokens.js';
import { unsoundSet } from './registers/unsoundSets.js';
import type { SourceOutline } from './source/sourceOutline.js';
import { unsoundOperations } from './unsoundOperations.js';
import { CACHE_MEMBER, CACHE_STRUCT } from './symbols/cacheNames.js';
import { macroLookup, type TreeSymbols } from './symbols/treeSymbols.js';
import type { FactSymbols } from './symbols/wordRoles.js';

/** What is wrong with a part of a file outside of functions' bodies. */
export interface UnsoundItem {
  /** Where the item begins; null of a macro. */
  readonly item: number | null;
  readonly problems: readonly Problem[];
}

/**
 * Where a file's top-level items and macros that speak of registers are not C, so that names which they declare may be lost: a
 * bracket without its partner, arguments that no name stands before, members that nothing separates, a macro with arguments too
 * few or too many.
 */
export function unsoundItems(file: SourceOutline, symbols: FactSymbols): UnsoundItem[] {
  const isTelling = (word: string) => symbols.roleOf(word).isTelling;
  const isDeclaring = declaresRegisters(file.source.path, symbols);
  const speaks = ({ name, words }: OutlineItem) =>
    isDeclaring || name === CACHE_STRUCT || words.has(CACHE_MEMBER) || some(words.keys(), isTelling);
  const made = new Set(
    [...symbols.accessors.values()].flatMap(({ instantiation }) =>
      instantiation?.file === file.source.path ? instantiation.start : [],
    ),
  );
  const items = file.items.flatMap((item, i): UnsoundItem[] => {
    const found = [
      ...unnamed(file, item),
      ...misnamed(file, item),
      ...unknownMaker(file, i, { symbols, made }),
      ...unbalanced(file, item),
      ...unseparated(file, item),
      ...misused(file, item, symbols),
      ...makesNothing(file, item, symbols),
      ...(isDeclaring ? unnamedMember(file, item) : []),
    ];
    const isOne = found.length > 0 && brokenItems(file.items, i).some(speaks);
    const problems = [...(isOne ? found : []), ...unsoundOperations(file, item, symbols)];
    return problems.length > 0 ? [{ item: item.start, problems }] : [];
  });
  const unpaired = file.directives.macros.filter(({ body }) => !isBalanced(body));
  // One macro may open what another closes.
  const macros = isBalanced(unpaired.flatMap(({ body }) => body))
    ? []
    : unpaired.filter(({ body }) => isDeclaring || some(wordsOf(body), isTelling));
  const message = 'a bracket is missing in this macro, or one is too many';
  const ofMacros = macros.map(({ name, start }) => ({ offset: start, message: `${name}: ${message}` }));
  const ofSets = file.directives.macros.flatMap((macro) => unsoundSet(macro, symbols));
  return [...items, { item: null, problems: [...ofMacros, ...ofSets] }];
}

/** What a broken item may have been one with: all from the function before it on. */
function brokenItems(items: readonly OutlineItem[], at: number): readonly OutlineItem[] {
  const before = items.slice(0, at).findLastIndex(({ kind }) => kind === 'function');
  return items.slice(Math.max(0, before), at + 1);
}

function some(words: Iterable<string>, isTelling: (word: string) => boolean): boolean {
  for (const word of words) if (isTelling(word)) return true;
  return false;
}

function wordsOf(tokens: readonly Token[]): string[] {
  return tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text);
}

function isBalanced(tokens: readonly Token[]): boolean {
  const count = (bracket: string) => tokens.filter(({ text }) => text === bracket).length;
  return count('(') === count(')') && count('{') === count('}') && count('[') === count(']');
}

/** Whether a file declares registers or what reads and writes them: what is broken in it may be one more of these. */
function declaresRegisters(path: string, { registers, accessors, indexed }: TreeSymbols): boolean {
  if (registers.members.some(({ declared }) => declared?.file === path)) return true;
  return [accessors, indexed].some((functions) => [...functions.values()].some(({ file }) => file === path));
}

/** Arguments without their macro's name: behind those of another use of a macro, or before a function's type. */
function unnamed({ code }: SourceOutline, { kind, name, start, end, nameStart }: OutlineItem): Problem[] {
  if (kind !== 'macro-use' && kind !== 'function') return [];
  const tokens = tokenize(code, start, kind === 'macro-use' ? end : nameStart);
  const open = tokens.find(({ text }, i) => text === '(' && (i === 0 || tokens[i - 1]?.text === ')'));
  return open ? [{ offset: open.start, message: `${name}: a word is missing before here, or one is too many` }] : [];
}

/** A function that is called by a word of the language, and a directive without its `#`. */
function misnamed({ code }: SourceOutline, { kind, name, start, nameStart }: OutlineItem): Problem[] {
  if (kind === 'function' && isReserved(name)) return [{ offset: nameStart, message: `${name} is no name` }];
  const directive = DIRECTIVE.exec(code.slice(start, start + LONGEST_DIRECTIVE))?.[0];
  return directive === undefined ? [] : [{ offset: start, message: `a # is missing before ${directive}` }];
}

/** A directive's beginning, as no declaration begins: two words behind one another, or a file's name. */
const DIRECTIVE = /^(?:(?:define|undef|ifdef|ifndef)(?=[ \t]+\w)|include(?=[ \t]*[<"]))/;
const LONGEST_DIRECTIVE = 20;

/** A member without a name, in a function that may no longer be known for what it does with a register. */
function unnamedMember({ code }: SourceOutline, { kind, name, bodyStart, end }: OutlineItem): Problem[] {
  if (kind !== 'function' || !mayLackMember(code.slice(bodyStart, end))) return [];
  const tokens = tokenize(code, bodyStart, end);
  const at = tokens.findIndex(({ text }, i) => isMemberMark(text) && !isMemberName(tokens[i + 1]));
  const [arrow] = tokens.slice(at, at + 1);
  return at < 0 || !arrow ? [] : [{ offset: arrow.start, message: `${name}: a member has no name` }];
}

/** Whether something behind a `.` or a `->` is no name, in a literal or not: faster than tokens, which few functions need then. */
function mayLackMember(text: string): boolean {
  return Array.from(text.matchAll(/(?:->|\.)\s*(\w*)/g)).some(([, name = '']) => name === '' || isReserved(name));
}

function isMemberMark(text: string): boolean {
  return text === '->' || text === '.';
}

function isMemberName(token: Token | undefined): boolean {
  return token?.kind === 'word' && !isReserved(token.text);
}

/** What has the form of a macro's use, is of none, and stands between uses that make accessors; `made` is where those stand. */
function unknownMaker(
  { items, source }: SourceOutline,
  at: number,
  { symbols, made }: { readonly symbols: TreeSymbols; readonly made: ReadonlySet<number> },
): Problem[] {
  const [before, item, behind] = [items[at - 1], items[at], items[at + 1]];
  if (item?.kind !== 'macro-use' || !before || !behind) return [];
  if (!made.has(before.start) || !made.has(behind.start) || macroLookup(symbols, source.path)(item.name)) return [];
  return [{ offset: item.start, message: `no macro is called ${item.name}` }];
}

/** A bracket without its partner. Those in branches of an `#if` are counted together: they tell nothing. */
function unbalanced({ directives }: SourceOutline, { start, name, unbalancedAt: offset }: OutlineItem): Problem[] {
  if (offset === null || directives.lines.some((line) => start < line.start && line.start < offset)) return [];
  return [{ offset, message: `${name}: a bracket or a semicolon is missing before here, or one is too many` }];
}

/** Members of a struct without a semicolon between them; of others than the cache's only what no macro may make so. */
function unseparated(file: SourceOutline, { kind, name, bodyStart, end }: OutlineItem): Problem[] {
  if (kind !== 'struct') return [];
  const secondOf = name === CACHE_STRUCT ? secondDeclaration : typeBehindComma;
  const problems: Problem[] = [];
  let member: Token[] = [];
  for (const token of tokenize(file.code, bodyStart + 1, end)) {
    if (!/^[;{}]$/.test(token.text)) {
      member.push(token);
      continue;
    }
    const extra = token.text === '}' && name === CACHE_STRUCT ? member[0] : secondOf(member);
    if (extra)
      problems.push({ offset: extra.start, message: `${name}: a semicolon is missing before or behind ${extra.text}` });
    member = [];
  }
  return problems;
}

const TAGGED: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);
const QUALIFIERS: ReadonlySet<string> = new Set(['const', 'volatile']);

/** The word for a type behind a comma, where a declaration's next name should be. */
function typeBehindComma(tokens: readonly Token[]): Token | undefined {
  let depth = 0;
  return tokens.find(({ text }, i) => {
    if (/^[([]$/.test(text)) depth++;
    if (/^[)\]]$/.test(text)) depth--;
    return depth === 0 && tokens[i - 1]?.text === ',' && (TAGGED.has(text) || isTypeWord(text));
  });
}

/** The word at which a second declaration begins in what should be one; undefined where it is one. */
function secondDeclaration(tokens: readonly Token[]): Token | undefined {
  const { words, hasGroup } = outerWords(tokens);
  const [first] = words;
  const builtin = words.findIndex(({ text }) => !isTypeWord(text));
  const typeLength = first && TAGGED.has(first.text) ? 2 : Math.max(1, builtin);
  // The name of a pointer to a function, and of what a macro declares, stands in parentheses.
  return words[typeLength + (hasGroup ? 0 : 1)];
}

/** The words of a declaration outside of brackets, up to a comma or a colon, and whether something but an attribute has parentheses. */
function outerWords(tokens: readonly Token[]): { readonly words: readonly Token[]; readonly hasGroup: boolean } {
  const words: Token[] = [];
  let hasGroup = false;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token || token.text === ',' || token.text === ':') break;
    if (token.text === '(' || token.text === '[') {
      const close = closingIndex(tokens, i);
      hasGroup ||= token.text === '(' && !isAttributeCall(tokens[i - 1]?.text ?? '');
      i = close < 0 ? tokens.length : close;
    } else if (token.kind === 'word' && !isNoName(token.text)) words.push(token);
  }
  return { words, hasGroup };
}

function isNoName(word: string): boolean {
  return QUALIFIERS.has(word) || isAttribute(word) || isAttributeCall(word);
}

/** A macro that makes accessors elsewhere and none here. */
function makesNothing(
  { source }: SourceOutline,
  { kind, name, start }: OutlineItem,
  { accessors }: TreeSymbols,
): Problem[] {
  if (kind !== 'macro-use') return [];
  const uses = [...accessors.values()].flatMap(({ instantiation }) =>
    instantiation?.macros[0] === name ? instantiation : [],
  );
  const isMade = uses.some((use) => use.file === source.path && use.start === start);
  if (uses.length === 0 || isMade) return [];
  return [{ offset: start, message: `${name} makes nothing here: no register is called as it is given` }];
}

/** A macro of the tree that is used at top level with arguments too few or too many. */
function misused(file: SourceOutline, { kind, name, start, end }: OutlineItem, symbols: TreeSymbols): Problem[] {
  const macro = kind === 'macro-use' ? macroLookup(symbols, file.source.path)(name) : undefined;
  if (!macro?.parameters || macro.variadic !== null) return [];
  const tokens = tokenize(file.code, start, end);
  const given = splitAt(tokens.slice(2, behindParenthesis(tokens, 1) - 1), ',').length;
  const { length } = macro.parameters;
  if (given === length) return [];
  const message = `${name} is given ${String(given)} ${given === 1 ? 'argument' : 'arguments'} and takes ${String(length)}`;
  return [{ offset: start, message }];
}
