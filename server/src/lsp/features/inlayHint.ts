import { InlayHintRefreshRequest, InlayHintRequest, type InlayHint } from 'vscode-languageserver';
import { wordsOf } from '../../explain/words.js';
import { referencesIn } from '../../model/query/references.js';
import { architecturalName, registerOf } from '../../model/query/registers.js';
import { mentionsIn } from '../../model/query/sets.js';
import { sourceOf } from '../../model/query/text.js';
import { isChosenBackend, type AnswerOptions } from '../answerOptions.js';
import type { Place } from '../engine/trees.js';
import { positionAt } from '../positions.js';
import { switchSetting } from '../settings.js';
import { treeRequest } from './feature.js';
import { documentQuestion, inTree } from './treeQuestion.js';

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
  const source = sourceOf(model, path);
  if (!source) return [];
  const hint = (offset: number, label: string): InlayHint => ({
    position: positionAt(source, offset, options.encoding),
    label,
    paddingLeft: true,
  });
  const sets = mentionsIn(model, path).map(({ set, span }) =>
    hint(span.end, set.members.map((member) => architecturalName(model, member)).join(' ')),
  );
  const words = wordsOf(model);
  const cases = referencesIn(model, path)
    .filter(({ kind }) => kind === 'case')
    .flatMap(({ register, end }) => {
      const owners = registerOf(model, register)?.owners ?? [];
      const first = owners.find(({ backend, sync }) => sync !== 'none' && isChosenBackend(backend, options));
      return first ? [hint(end + 1, `${words.backend(first.backend)}: ${first.place.name}, ${first.sync}`)] : [];
    });
  return [...sets, ...cases];
}
