import { SymbolKind, WorkspaceSymbolRequest, type SymbolInformation } from 'vscode-languageserver';
import { asmFunctions } from '../../model/query/assembly.js';
import { declarationOf, enumMembers } from '../../model/query/registers.js';
import { accessorsOf } from '../../model/query/cSymbols.js';
import { nameSpan, type FileSpan } from '../../model/query/text.js';
import { declarationOfComponent } from '../../model/query/xsaveReferences.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { TreeModel } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { treeRequest } from './feature.js';

export const workspaceSymbol = treeRequest({
  request: WorkspaceSymbolRequest.type,
  capability: { workspaceSymbolProvider: true },
  setting: switchSetting(
    'workspaceSymbols.enable',
    true,
    'Registers, accessors and world-switch functions in Go to Symbol in Workspace.',
  ),
  urgency: 'command',
  question: ({ query }) => query,
  answer: function* (trees, query, options) {
    return symbols(yield* trees.all(), query, options);
  },
});

/** Registers, XSAVE components, accessors and world-switch functions whose name holds the query, in any case. */
function symbols(models: readonly TreeModel[], query: string, options: AnswerOptions): SymbolInformation[] {
  const wanted = query.toLowerCase();
  return models.flatMap((tree) =>
    namedThings(tree.model)
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .flatMap(({ name, kind, span }) =>
        locationsOf(tree, [span], options.encoding).map((location) => ({ name, kind, location })),
      ),
  );
}

interface NamedThing {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly span: FileSpan;
}

function namedThings(model: RegisterModel): NamedThing[] {
  const members = enumMembers(model).flatMap((member): NamedThing[] => {
    const span = declarationOf(member);
    return span ? [{ name: member.name, kind: SymbolKind.EnumMember, span }] : [];
  });
  const accessors = accessorsOf(model).map(({ name, file, offset, instantiation }): NamedThing => {
    const written = instantiation?.macros[0] ?? name;
    return { name, kind: SymbolKind.Function, span: nameSpan(file, offset, written) };
  });
  const switches = asmFunctions(model)
    .filter(({ asm }) => !asm.isInline && (asm.entry !== null || asm.transfers.length > 0))
    .map(({ file, asm: { name, offset } }): NamedThing => ({
      name,
      kind: SymbolKind.Function,
      span: nameSpan(file, offset, name),
    }));
  const components = model.xsave.components.map((component): NamedThing => ({
    name: component.name,
    kind: SymbolKind.EnumMember,
    span: declarationOfComponent(component),
  }));
  return [...members, ...components, ...accessors, ...switches];
}
