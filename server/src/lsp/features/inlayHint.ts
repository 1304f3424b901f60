import { InlayHintRefreshRequest, InlayHintRequest, type InlayHint } from 'vscode-languageserver';
import { wordsOf } from '../../explain/words.js';
import { findSet } from '../../explain/explainSet.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { isWantedBackend, type AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { positionAt } from '../positions.js';
import { switchSetting } from '../settings.js';
import { treeRequest } from './feature.js';
import { documentQuestion, inTree } from './place.js';

export const inlayHint = treeRequest({
  request: InlayHintRequest.type,
  capability: { inlayHintProvider: true },
  setting: switchSetting(
    'inlayHints.enable',
    false,
    "Inlay hints: a register set's members where it is used, a case label's owner.",
  ),
  urgency: 'display',
  question: documentQuestion,
  answer: inTree((place, _, options) => inlayHints(place, options)),
  refresh: {
    request: InlayHintRefreshRequest.type,
    isSupported: ({ workspace }) => workspace?.inlayHint?.refreshSupport,
  },
});

/** A register set's members where it is used, a case label's owner. */
function inlayHints({ model, path }: Place, options: AnswerOptions): InlayHint[] {
  const file = model.files.get(path);
  if (!file) return [];
  const hint = (offset: number, label: string): InlayHint => ({
    position: positionAt(file.source, offset, options.encoding),
    label,
    paddingLeft: true,
  });
  const sets = [...model.files.values()].flatMap((f) => f.facts?.sets ?? []).map((set) => set.name);
  const uses = (file.facts?.functions ?? []).flatMap((fn) =>
    [...new Set(sets)].flatMap((name) => {
      const offset = fn.facts.words.get(name);
      const set = offset === undefined ? null : findSet(model, name);
      return set && offset !== undefined
        ? [hint(fn.start + offset + name.length, membersText(model, set.members))]
        : [];
    }),
  );
  const cases = file.references
    .filter((reference) => reference.kind === 'case')
    .flatMap((reference) => {
      const owners = model.registers.find((r) => r.member?.name === reference.register)?.owners ?? [];
      const first = owners.find(({ backend, sync }) => sync !== 'none' && isWantedBackend(backend, options));
      return first
        ? [hint(reference.end + 1, `${wordsOf(model).backend(first.backend)}: ${first.place.name}, ${first.sync}`)]
        : [];
    });
  return [...uses, ...cases];
}

function membersText(model: RegisterModel, members: readonly string[]): string {
  return members.map((member) => model.symbols.registers.byName.get(member)?.register ?? member).join(' ');
}
