import { SymbolKind, WorkspaceSymbolRequest, type SymbolInformation } from 'vscode-languageserver';
import type { FileSpan } from '../../explain/registersAtCursor.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { TreeModel } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { declarationsOf } from './atCursor.js';
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
  const members = model.symbols.registers.members.flatMap(({ name, declared, offset }): NamedThing[] =>
    declared
      ? [{ name, kind: SymbolKind.EnumMember, span: { file: declared.file, start: offset, end: offset + name.length } }]
      : [],
  );
  const accessors = [...model.symbols.accessors.values()].map(({ name, file, offset, instantiation }): NamedThing => {
    const end = offset + (instantiation?.macros[0] ?? name).length;
    return { name, kind: SymbolKind.Function, span: { file, start: offset, end } };
  });
  const switches = model.assembly.flatMap(({ source, functions }) =>
    functions
      .filter((fn) => !fn.isInline && (fn.entry !== null || fn.transfers.length > 0))
      .map((fn): NamedThing => ({
        name: fn.name,
        kind: SymbolKind.Function,
        span: { file: source.path, start: fn.offset, end: fn.offset + fn.name.length },
      })),
  );
  const components = model.xsave.components.flatMap((component) =>
    declarationsOf(component).map((span): NamedThing => ({ name: component.name, kind: SymbolKind.EnumMember, span })),
  );
  return [...members, ...components, ...accessors, ...switches];
}
