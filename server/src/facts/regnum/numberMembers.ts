import { isAttribute } from '../../syntax/c/reservedWords.js';
import { integerValue } from '../../syntax/preprocessor/integers.js';
import type { MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import type { Span } from '../../syntax/text/sourceText.js';
import { tokenize, type Token } from '../../syntax/text/tokens.js';
import type { FunctionTree } from '../source/functionTree.js';
import { structMember, variableScope, type NumberLink } from './sources.js';
import type { TreeSymbols } from '../symbols/treeSymbols.js';

/** A struct's member or a variable that holds registers, or a register's number. The span is its name's. */
export interface NumberMember extends Span {
  readonly link: NumberLink;
  /** Its type as written, `u16`. */
  readonly type: string;
  /** How many bits it has; null where its type does not say. */
  readonly bits: number | null;
  /** How many there are of it; null for one that is no array. */
  readonly dimension: { readonly text: string; readonly count: number | null; readonly name: string | null } | null;
}

/** The bits of integer types (asm-generic/int-ll64.h) on a 64-bit kernel; `DECLARE_BITMAP` makes an array of longs. */
const TYPE_BITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    8: ['u8', '__u8', 's8', 'char', 'unsigned char', 'bool'],
    16: ['u16', '__u16', 's16', 'short', 'unsigned short', 'unsigned short int'],
    32: ['u32', '__u32', 's32', 'int', 'unsigned', 'unsigned int'],
    64: ['u64', '__u64', 's64', 'long', 'ulong', 'unsigned long', 'long long', 'unsigned long long'],
  }).flatMap(([bits, names]) => names.map((name) => [name, Number(bits)] as const)),
);

/** Declarations in a text, among which those of the links are looked for. */
export interface MemberReading {
  /** Of the file that it is of. */
  readonly path: string;
  /** Comments and directives are blanked. */
  readonly code: string;
  readonly symbols: TreeSymbols;
  readonly links: ReadonlySet<NumberLink>;
}

/** The members of a struct, those of structs inside of it included; of one name in two of these with two widths no width is known. */
export function structMembers(reading: MemberReading, item: OutlineItem): NumberMember[] {
  if (item.kind !== 'struct') return [];
  const all = declaredMembers(reading, { start: item.bodyStart + 1, end: item.end }, item.name);
  const isOther = (member: NumberMember) => all.some(({ link, bits }) => link === member.link && bits !== member.bits);
  return all.map((member) => (isOther(member) ? { ...member, bits: null } : member));
}

/** A variable outside of functions. */
export function fileVariables(reading: MemberReading, item: OutlineItem): NumberMember[] {
  const isVariable = item.kind === 'object' || item.kind === 'declaration';
  return isVariable ? declaredMembers(reading, item, variableScope(reading.path, '')) : [];
}

/** A function's variables. */
export function localVariables(reading: MemberReading, { source, nodes, isRepeated }: FunctionTree): NumberMember[] {
  const scope = variableScope(reading.path, source.name);
  const declarations = nodes.filter(({ type, start }) => type === 'declaration' && !isRepeated(start));
  return declarations.flatMap((node) => declaredMembers(reading, node, scope));
}

/** What the declarations in a piece of text declare, up to their initialisers. */
function declaredMembers({ code, symbols, links }: MemberReading, span: Span, scope: string): NumberMember[] {
  const found: NumberMember[] = [];
  let declaration: Token[] = [];
  let isInitializer = false;
  for (const token of tokenize(code, span.start, span.end)) {
    if (token.text === ';') {
      found.push(...membersOf(declaration, scope, symbols, links));
      declaration = [];
      isInitializer = false;
    } else if (isInitializer) continue;
    else if (token.text === '=') isInitializer = true;
    else if (token.text === '{' || token.text === '}') declaration = [];
    else declaration.push(token);
  }
  return found;
}

/** What a declaration may have before its type (C11 6.7.1, 6.7.3). */
const QUALIFIERS: ReadonlySet<string> = new Set(['static', 'extern', 'const', 'volatile', 'register']);

/** The members of `u16 valid, dirty;`, `u64 gprs[16];` or `u32 reg : 4;`. */
function membersOf(
  declaration: readonly Token[],
  struct: string,
  symbols: TreeSymbols,
  links: ReadonlySet<NumberLink>,
): NumberMember[] {
  const first = declaration.findIndex((_, i) => i > 0 && endsName(declaration[i + 1]));
  const type = declaration
    .slice(0, first)
    .filter((token) => !QUALIFIERS.has(token.text) && !isAttribute(token.text))
    .map((token) => token.text)
    .join(' ');
  return declaration.flatMap((token, i): NumberMember[] => {
    const link = structMember(struct, token.text);
    if (i < first || token.kind !== 'word' || !links.has(link)) return [];
    const next = declaration[i + 1]?.text;
    const width = next === ':' ? Number(declaration[i + 2]?.text) : NaN;
    const bits = Number.isInteger(width) ? width : (TYPE_BITS.get(type) ?? null);
    const { start, end } = token;
    return [
      { start, end, link, type, bits, dimension: next === '[' ? dimensionOf(declaration, i + 1, symbols) : null },
    ];
  });
}

function endsName(token: Token | undefined): boolean {
  return token === undefined || /^[[,:]$/.test(token.text);
}

function dimensionOf(declaration: readonly Token[], open: number, symbols: TreeSymbols): NumberMember['dimension'] {
  const close = declaration.findIndex((token, i) => i > open && token.text === ']');
  const inside = declaration.slice(open + 1, close < 0 ? undefined : close);
  const lookup: MacroLookup = (name) => symbols.macros.get(name)?.definition;
  const value = integerValue(inside, lookup, (name) => {
    const index = symbols.registers.byName.get(name)?.index;
    return index === null || index === undefined ? null : BigInt(index);
  });
  const [only, ...more] = inside;
  return {
    text: inside.map((token) => token.text).join(' '),
    count: value === null ? null : Number(value),
    name: only?.kind === 'word' && more.length === 0 ? only.text : null,
  };
}
