import { expand, type ExpandedToken, type MacroLookup } from '../../syntax/preprocessor/macroExpansion.js';
import { memoizeByIdentity, memoizeByLookups } from '../../cache/memoize.js';
import type { OutlineItem } from '../../syntax/c/outline.js';
import { configGuardsAt } from '../../syntax/preprocessor/directives.js';
import { tokenize } from '../../syntax/text/tokens.js';
import { directUse, type DirectUse } from './directUse.js';
import { bareExpression } from '../source/expressions.js';
import type { FunctionTree, TreeReader } from '../source/functionTree.js';
import { isRegister } from '../registers/registerFile.js';
import { outlineSource, type SourceOutline } from '../source/sourceOutline.js';
import { LONGEST_HELPER, treesNaming } from '../source/treeSearch.js';
import { type Accessor, type Instantiation, type TreeSymbols } from './treeSymbols.js';

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
  const isShort = (item: OutlineItem) => item.end - item.start < LONGEST_HELPER;
  for (const tree of treesNaming(read, outlines, words, isShort)) {
    const use = directUse({ tree, symbols });
    if (!use || !isAccessed(symbols, use.member) || found.has(tree.item.name)) continue;
    const { name, nameStart: offset } = tree.item;
    found.set(name, {
      name,
      ...use,
      width: widthOf(tree, use),
      instantiation: null,
      file: tree.file.source.path,
      offset,
    });
  }
  return found;
}

/** How much of the register passes: by the function's type, and by whether it is masked with something. */
function widthOf(tree: FunctionTree, use: DirectUse): 32 | 64 | null {
  const head = tree.file.code.slice(tree.item.start, tree.item.nameStart);
  const type = use.kind === 'read' ? head : (tree.parameters.at(-1)?.type ?? '');
  if (/\bu32\b|\bunsigned int\b/.test(type)) return 32;
  const isMasked = tree.nodes.some(
    (node) =>
      node.type === 'return_statement' && node.children.some((n) => bareExpression(n).type === 'binary_expression'),
  );
  return isMasked ? null : 64;
}

/** The accessors that macros make: every use of a maker at top level is expanded, and the functions in it are read. */
export function generatedAccessors(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
  lookup: MacroLookup,
  makers: ReadonlySet<string>,
): Map<string, Accessor> {
  const found = new Map<string, Accessor>();
  for (const use of outlines.flatMap(macroUsesIn)) {
    if (!makers.has(use.item.name)) continue;
    const { source, starts } = expandedUse(use, lookup);
    for (const tree of source.items.filter(isFunction).flatMap((item) => read(source, item))) {
      const direct = directUse({ tree, symbols });
      const { name, nameStart } = tree.item;
      if (!direct || !isAccessed(symbols, direct.member) || found.has(name)) continue;
      const macros = starts.get(nameStart)?.through ?? [];
      found.set(name, {
        name,
        ...direct,
        width: widthOf(tree, direct),
        instantiation: { ...use.place, macros },
        file: use.place.file,
        offset: use.place.start,
      });
    }
  }
  return found;
}

function isFunction(item: OutlineItem): boolean {
  return item.kind === 'function';
}

/** A macro's use at top level. */
interface MacroUse {
  readonly file: SourceOutline;
  readonly item: OutlineItem;
  readonly place: Omit<Instantiation, 'macros'>;
}

const macroUsesIn = memoizeByIdentity((file: SourceOutline): readonly MacroUse[] =>
  file.items
    .filter((item) => item.kind === 'macro-use')
    .map((item) => {
      const { start, end } = item;
      const conditions = configGuardsAt(file.directives, start);
      return { file, item, place: { file: file.source.path, start, end, conditions } };
    }),
);

/** What a use expands to, as a source without a path, and the token that begins at each of its offsets. */
const expandedUse = memoizeByLookups(({ file, item }: MacroUse, lookup: MacroLookup) => {
  let text = '';
  const starts = new Map<number, ExpandedToken>();
  for (const token of expand(tokenize(file.code, item.start, item.end), lookup)) {
    starts.set(text.length, token);
    text += `${token.text} `;
  }
  return { source: outlineSource('', text), starts };
});
