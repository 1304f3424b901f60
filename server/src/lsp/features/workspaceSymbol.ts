import { SymbolKind, WorkspaceSymbolRequest, type SymbolInformation } from 'vscode-languageserver';
import { asmFunctions } from '../../model/query/assembly.js';
import { cFunctions, definitionSpan } from '../../model/query/functions.js';
import { declarationOf } from '../../model/query/registers.js';
import { transferSpan } from '../../model/query/transfers.js';
import { nameSpan } from '../../model/query/text.js';
import { declarationOfComponent } from '../../model/query/xsaveReferences.js';
import type { Register, RegisterModel } from '../../model/registerModel.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { TreeModel } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { switchSetting } from '../settings.js';
import { namedThings, type NamedThing } from './namedThings.js';
import { treeRequest } from './feature.js';
import { givenText } from './treeQuestion.js';

export const workspaceSymbol = treeRequest({
  request: WorkspaceSymbolRequest.type,
  capability: { workspaceSymbolProvider: true },
  setting: switchSetting(
    'workspaceSymbols.enable',
    true,
    'Registers, accessors, sets and functions in C and assembly in Go to Symbol in Workspace.',
  ),
  urgency: 'command',
  question: ({ query }) => givenText(query),
  answer: function* (trees, query, options) {
    return symbols(yield* trees.all(), query, options);
  },
});

/** A shorter query asks for no function: half of them have each letter. */
const SHORTEST_FOR_FUNCTIONS = 3;

/** What has a name that holds the query, in any case. */
function symbols(models: readonly TreeModel[], query: string, options: AnswerOptions): SymbolInformation[] {
  const wanted = query.toLowerCase();
  return models.flatMap((tree) => {
    const { model } = tree;
    const functions = wanted.length < SHORTEST_FOR_FUNCTIONS ? [] : functionsOf(model);
    return [
      ...model.registers.flatMap((register) => registerSymbol(model, register)),
      ...namedThings(model),
      ...functions,
    ]
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .flatMap(({ name, detail, kind, span }) =>
        locationsOf(tree, [span], options.encoding).map((location) => ({
          name,
          kind,
          location,
          ...(detail === null ? {} : { containerName: detail }),
        })),
      );
  });
}

function functionsOf(model: RegisterModel): NamedThing[] {
  const inC = cFunctions(model).map((fn): NamedThing => ({
    name: fn.name,
    detail: null,
    kind: SymbolKind.Function,
    span: definitionSpan(fn),
  }));
  const inAssembly = asmFunctions(model)
    .filter(({ asm }) => !asm.isInline)
    .map(({ file, asm: { name, offset } }): NamedThing => {
      const span = nameSpan(file, offset, name);
      return { name, detail: 'assembly', kind: SymbolKind.Function, span };
    });
  return [...inC, ...inAssembly];
}

/** A register by its own name, `R20`: where it is declared, else where something moves it, else the component that holds it. */
function registerSymbol(model: RegisterModel, { register, member, transfers, egpr }: Register): NamedThing[] {
  const [first] = transfers;
  const component = egpr && model.xsave.components.find(({ name }) => name === egpr.state.component?.name);
  const span =
    (member && declarationOf(member)) ??
    (first && transferSpan(model, null, first)) ??
    (component && declarationOfComponent(component));
  return span ? [{ name: register, detail: 'register', kind: SymbolKind.Variable, span }] : [];
}
