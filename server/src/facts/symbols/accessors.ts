import type { Guard } from '../../syntax/conditions/guard.js';
import type { FunctionSource, PlacedFunction } from '../source/functionSource.js';
import { expand, type ExpandedToken, type MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { memoizeByIdentity, memoizeByLookups } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { directUse, type DirectUse } from './directUse.js';
import { bareExpression } from '../source/expressions.js';
import type { FunctionTree, TreeReader } from '../source/functionTree.js';
import { isRegister } from '../registers/registerMember.js';
import { outlineSource, type SourceOutline } from '../source/sourceOutline.js';
import { LONGEST_HELPER, treesNaming } from '../source/treeSearch.js';
import { type Accessor, type TreeSymbols } from './treeSymbols.js';

/** Accessors are for what an instruction names: the GPRs and the instruction pointer. Control registers' readers are wrappers. */
function isAccessed(symbols: TreeSymbols, member: string): boolean {
  const found = symbols.registers.byName.get(member);
  return found?.class === 'gpr' || found?.register === 'RIP';
}

/** The accessors that are written by hand: RSP's and RIP's in every tree. */
export function writtenAccessors(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
): Map<string, Accessor> {
  const names = symbols.registers.members
    .filter((m) => isRegister(m) && isAccessed(symbols, m.name))
    .map((m) => m.name);
  const fields = [...symbols.fields.values()]
    .filter((field) => isAccessed(symbols, field.member))
    .map((field) => field.field);
  const words = [...names, ...fields];
  const found = new Map<string, Accessor>();
  const isShort = ({ code }: FunctionSource) => code.length < LONGEST_HELPER;
  for (const { tree, name, file, offset } of treesNaming(read, outlines, words, isShort)) {
    const use = directUse({ tree, symbols });
    if (!use || !isAccessed(symbols, use.member) || found.has(name)) continue;
    found.set(name, { name, ...use, width: widthOf(tree, use), instantiation: null, file, offset });
  }
  return found;
}

/** How much of the register passes: by the function's type, and by whether it is masked with something. */
function widthOf(tree: FunctionTree, use: DirectUse): 32 | 64 | null {
  const { code, nameStart } = tree.source;
  const type = use.kind === 'read' ? code.slice(0, nameStart) : (tree.parameters.at(-1)?.type ?? '');
  if (/\bu32\b|\bunsigned int\b/.test(type)) return 32;
  const isMasked = tree.nodes.some(
    (node) =>
      node.type === 'return_statement' && node.children.some((n) => bareExpression(n).type === 'binary_expression'),
  );
  return isMasked ? null : 64;
}

/** The accessors that uses of macros at top level make: each is expanded, and the functions in it are read. */
export function generatedAccessors(
  read: TreeReader,
  uses: readonly MacroUse[],
  symbols: TreeSymbols,
  lookup: MacroLookup,
): Map<string, Accessor> {
  const found = new Map<string, Accessor>();
  for (const use of uses) {
    const { start, end } = use.item;
    const file = use.file.source.path;
    const { functions, starts } = expandedUse(use, lookup);
    for (const { tree, name, nameAt } of functions.flatMap((fn) => treesOf(read, fn))) {
      const direct = directUse({ tree, symbols });
      if (!direct || !isAccessed(symbols, direct.member) || found.has(name)) continue;
      const macros = starts.get(nameAt)?.through ?? [];
      found.set(name, {
        name,
        ...direct,
        width: widthOf(tree, direct),
        instantiation: { file, index: use.index, start, end, macros, conditions: use.conditions },
        file,
        offset: start,
      });
    }
  }
  return found;
}

function treesOf(
  read: TreeReader,
  { start, source }: PlacedFunction,
): { tree: FunctionTree; name: string; nameAt: number }[] {
  return read(source).map((tree) => ({ tree, name: source.name, nameAt: start + source.nameStart }));
}

/** A macro's use at top level. */
interface MacroUse {
  readonly file: SourceOutline;
  readonly item: OutlineItem;
  /** Its place among the uses of its file, from 0. */
  readonly index: number;
  /** The `#if` conditions that it is under. */
  readonly conditions: readonly Guard[];
}

/** The macros that a file uses at top level, in the order of the text. */
export const macroUsesIn = memoizeByIdentity((file: SourceOutline): readonly MacroUse[] =>
  file.items
    .filter((item) => item.kind === 'macro-use')
    .map((item, index) => ({ file, item, index, conditions: configGuardsAt(file.directives, item.start) })),
);

/** The functions that a use expands to, of a source without a path, and the token that begins at each offset of that. */
const expandedUse = memoizeByLookups(({ file, item }: MacroUse, lookup: MacroLookup) => {
  let text = '';
  const starts = new Map<number, ExpandedToken>();
  for (const token of expand(tokenize(file.code, item.start, item.end), lookup)) {
    starts.set(text.length, token);
    text += `${token.text} `;
  }
  return { functions: outlineSource('', text).functions, starts };
});
