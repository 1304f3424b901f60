import { expand, type ExpandedToken, type MacroLookup } from '../syntax/macroExpansion.js';
import { outline } from '../syntax/outline.js';
import { conditionsAt } from '../syntax/preprocessor.js';
import { tokenize } from '../syntax/tokens.js';
import { directUse, type DirectUse } from './directUse.js';
import { bareExpression } from './expressions.js';
import type { FunctionTree, TreeReader } from './functionTree.js';
import { isRegister } from './registerFile.js';
import { outlineSource, type SourceOutline } from './sourceOutline.js';
import { LONGEST_HELPER, treesOf } from './treeSearch.js';
import { type Accessor, type Instantiation, type Vocabulary } from './vocabulary.js';

/** Accessors are for what an instruction names: the GPRs and the instruction pointer. Control registers' readers are wrappers. */
function isAccessed(vocabulary: Vocabulary, member: string): boolean {
  const found = vocabulary.registers.byName.get(member);
  return found?.class === 'gpr' || found?.register === 'RIP';
}

/** The accessors that are written by hand: RSP's and RIP's in every tree. */
export function writtenAccessors(
  read: TreeReader,
  outlines: readonly SourceOutline[],
  vocabulary: Vocabulary,
): Map<string, Accessor> {
  const names = vocabulary.registers.members
    .filter((m) => isRegister(m) && isAccessed(vocabulary, m.name))
    .map((m) => m.name);
  const fields = [...vocabulary.fields.values()]
    .filter((field) => isAccessed(vocabulary, field.member))
    .map((field) => field.field);
  const words = [...names, ...fields];
  const found = new Map<string, Accessor>();
  for (const tree of treesOf(
    read,
    outlines,
    (item) => item.end - item.start < LONGEST_HELPER && words.some((word) => item.words.has(word)),
  )) {
    const use = directUse({ tree, vocabulary });
    if (!use || !isAccessed(vocabulary, use.member) || found.has(tree.item.name)) continue;
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
  vocabulary: Vocabulary,
  lookup: MacroLookup,
  makers: ReadonlySet<string>,
): Map<string, Accessor> {
  const found = new Map<string, Accessor>();
  for (const file of outlines) {
    for (const item of file.items) {
      if (item.kind !== 'macro-use' || !makers.has(item.name)) continue;
      const use = {
        file: file.source.path,
        start: item.start,
        end: item.end,
        conditions: conditionsAt(file.directives, item.start),
      };
      const expanded = expand(tokenize(file.code, item.start, item.end), lookup);
      for (const { tree, macros } of expandedFunctions(read, file.source.path, expanded)) {
        const direct = directUse({ tree, vocabulary });
        const { name } = tree.item;
        if (!direct || !isAccessed(vocabulary, direct.member) || found.has(name)) continue;
        const instantiation: Instantiation = { ...use, macros };
        found.set(name, {
          name,
          ...direct,
          width: widthOf(tree, direct),
          instantiation,
          file: use.file,
          offset: use.start,
        });
      }
    }
  }
  return found;
}

function expandedFunctions(
  read: TreeReader,
  path: string,
  tokens: readonly ExpandedToken[],
): { readonly tree: FunctionTree; readonly macros: readonly string[] }[] {
  let text = '';
  const starts = new Map<number, ExpandedToken>();
  for (const token of tokens) {
    starts.set(text.length, token);
    text += `${token.text} `;
  }
  const file = outlineSource(path, text);
  return outline(text)
    .filter((item) => item.kind === 'function')
    .flatMap((item) => read(file, item))
    .map((tree) => ({ tree, macros: starts.get(tree.item.nameStart)?.through ?? [] }));
}
