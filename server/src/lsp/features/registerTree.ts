import type { ListedRegister, RegisterList, RegisterUse, RegisterUses } from '../../../../protocol/protocol.js';
import type { Transfer } from '../../backends/transfer.js';
import { vendorOfFile } from '../../model/query/backends.js';
import { accessOf, referencesOf, type FileReference } from '../../model/query/references.js';
import { registerNamed } from '../../model/query/registers.js';
import { transferSpan } from '../../model/query/transfers.js';
import type { FileSpan } from '../../model/query/text.js';
import type { Register } from '../../model/registerModel.js';
import { PHASE_WORDS } from '../../explain/words.js';
import { shortPath } from '../../explain/explanation.js';
import { oneLine } from '../../explain/printable.js';
import { mapView } from '../../view/mapView.js';
import { isChosenBackend, type AnswerOptions } from '../answerOptions.js';
import type { Steps } from '../../model/steps.js';
import type { TreeModel } from '../engine/trees.js';
import { locationsOf } from '../positions.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { stringIn, treeAsked, treeQuestion } from './treeAsked.js';

/** The registers with where each is, by backend. */
export const registerList = treeRequest({
  request: ownRequest('kvmRegs/registers'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: treeQuestion,
  answer: function* (trees, question, options): Steps<RegisterList | null> {
    const tree = yield* treeAsked(trees, question);
    return tree && listOf(tree, options);
  },
});

/** What moves and uses a register, for one backend. */
export const registerUses = treeRequest({
  request: ownRequest('kvmRegs/registerUses'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: (params: unknown) => ({
    ...treeQuestion(params),
    name: stringIn(params, 'name') ?? '',
    backend: stringIn(params, 'backend') ?? '',
  }),
  answer: function* (trees, question, options): Steps<RegisterUses | null> {
    const tree = yield* treeAsked(trees, question);
    const register = tree && registerNamed(tree.model, question.name);
    return register && usesOf(tree, register, { backend: question.backend, options });
  },
});

function listOf({ model }: TreeModel, options: AnswerOptions): RegisterList {
  const { kernel, groups, backends } = mapView(model);
  const titles = new Map(backends.map(({ name, title }) => [name, title]));
  const registers = groups.flatMap(({ rows }) =>
    rows.map(({ register, cells }): ListedRegister => ({
      register,
      backends: cells
        .filter(({ backend }) => isChosenBackend(backend, options))
        .flatMap(({ backend, cases }) =>
          cases.slice(0, 1).map(({ sync, where, summary }) => ({
            backend,
            title: titles.get(backend) ?? backend,
            sync,
            where,
            summary: oneLine(summary),
          })),
        ),
    })),
  );
  return { kernel, registers };
}

/** Whose uses, and how the answer is to be made. */
interface UsesWanted {
  readonly backend: string;
  readonly options: AnswerOptions;
}

function usesOf(tree: TreeModel, register: Register, { backend, options }: UsesWanted): RegisterUses {
  const owners = register.owners.filter((owner) => owner.backend === backend);
  const vendor = tree.model.backends.find(({ name }) => name === backend)?.definition?.vendor ?? backend;
  const references = referencesOf(tree.model, register).filter(({ file }) =>
    [null, vendor].includes(vendorOfFile(tree.model, file)),
  );
  const moves = (transfers: readonly Transfer[]) =>
    transfers.flatMap((transfer) => transferUse(tree, register, transfer, options));
  const users = (access: 'read' | 'write') =>
    references
      .filter(({ reference }) => accessOf(reference) === access || reference.kind === 'readwrite')
      .flatMap((found) => referenceUse(tree, found, options));
  return {
    load: moves(owners.flatMap(({ load }) => load)),
    store: moves(owners.flatMap(({ store }) => store)),
    readers: users('read'),
    writers: users('write'),
  };
}

function transferUse(tree: TreeModel, register: Register, transfer: Transfer, options: AnswerOptions): RegisterUse[] {
  const span = transferSpan(tree.model, register.member?.name ?? null, transfer);
  const detail = PHASE_WORDS[transfer.phase].title;
  return useAt(tree, span, { label: transfer.function, detail, options });
}

function referenceUse(tree: TreeModel, { file, reference }: FileReference, options: AnswerOptions): RegisterUse[] {
  const { start, end, function: fn, via } = reference;
  return useAt(tree, { file, start, end }, { label: fn ?? oneLine(shortPath(file)), detail: via, options });
}

function useAt(
  tree: TreeModel,
  span: FileSpan,
  { label, detail, options }: { readonly label: string; readonly detail: string; readonly options: AnswerOptions },
): RegisterUse[] {
  return locationsOf(tree, [span], options.encoding).map((location) => ({ label, detail, location }));
}
