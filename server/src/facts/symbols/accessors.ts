import type { Guard } from '../../syntax/conditions/guard.js';
import type { FunctionSource } from '../source/functionSource.js';
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
import { functionsNamingAny, LONGEST_HELPER } from '../source/treeSearch.js';
import { keptFindings, treeFindings } from './keptFindings.js';
import { type Accessor, type TreeSymbols } from './treeSymbols.js';

/** Accessors are for what an instruction names: the GPRs and the instruction pointer. Control registers' readers are wrappers. */
function isAccessed(symbols: TreeSymbols, member: string): boolean {
  const found = symbols.registers.byName.get(member);
  return found?.class === 'gpr' || found?.register === 'RIP';
}

/** The register that a function's trees are for, each with how much of it passes. */
const usesIn = treeFindings('directUse', (context) => {
  const use = directUse(context);
  return use && { ...use, width: widthOf(context.tree, use) };
});

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
  for (const { source, name, file, offset } of functionsNamingAny(outlines, words, isShort)) {
    const use = usesIn({ read, symbols }, source).find((one) => one && isAccessed(symbols, one.member));
    if (use && !found.has(name)) found.set(name, { name, ...use, instantiation: null, file, offset });
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

/** The accessors that macros make: every use of a maker at top level is expanded, and the functions in it are read. */
export function generatedAccessors(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  symbols: TreeSymbols,
  makers: ReadonlySet<string>,
): Map<string, Accessor> {
  const found = new Map<string, Accessor>();
  for (const file of outlines) {
    const used = new Set(macroUsesIn(file).map(({ item }) => item.name));
    const wanted = [...used].filter((name) => makers.has(name));
    if (wanted.length === 0) continue;
    for (const accessor of generatedIn({ read, symbols }, file, wanted.join(' ')))
      if (!found.has(accessor.name)) found.set(accessor.name, accessor);
  }
  return found;
}

/** The accessors that uses of some makers in a file come to. */
const generatedIn = keptFindings('generatedAccessors', ({ read, symbols }, file: SourceOutline, makers) => {
  const names = new Set(makers.split(' '));
  const lookup: MacroLookup = (name) => symbols.macros.get(name)?.definition;
  return macroUsesIn(file).flatMap((use) => {
    if (!names.has(use.item.name)) return [];
    const { start, end } = use.item;
    const path = file.source.path;
    const { functions, starts } = expandedUse(use, lookup);
    return functions.flatMap((fn) => {
      const { name, nameStart } = fn.source;
      const macros = starts.get(fn.start + nameStart)?.through ?? [];
      return read(fn.source).flatMap((tree): Accessor[] => {
        const direct = directUse({ tree, symbols });
        if (!direct || !isAccessed(symbols, direct.member)) return [];
        const instantiation = { file: path, index: use.index, start, end, macros, conditions: use.conditions };
        return [{ name, ...direct, width: widthOf(tree, direct), instantiation, file: path, offset: start }];
      });
    });
  });
});

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
