import type { RegisterAnswer } from '../../../../protocol/protocol.js';
import { referenceSpans } from '../../model/query/references.js';
import { registerNamed } from '../../model/query/registers.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { TreeModel } from '../engine/trees.js';
import { isRecord } from '../isRecord.js';
import { locationsOf } from '../positions.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { ownerItems } from './owners.js';

/** A register by name, with its owners and references; of the first tree that has it. */
export const register = treeRequest({
  request: ownRequest('kvmRegs/register'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: registerQuestion,
  answer: function* (trees, { name, uri }, options) {
    const tree = uri === null ? null : yield* trees.tree(uri);
    return registerAnswer(tree ? [tree] : yield* trees.all(), name, options);
  },
});

/** Any client may send this request, so it is looked at closely. */
function registerQuestion(params: unknown): { readonly name: string; readonly uri: string | null } {
  const { name, uri } = isRecord(params) ? params : {};
  return { name: typeof name === 'string' ? name : '', uri: typeof uri === 'string' ? uri : null };
}

function registerAnswer(trees: readonly TreeModel[], name: string, options: AnswerOptions): RegisterAnswer | null {
  for (const tree of trees) {
    const found = registerNamed(tree.model, name);
    if (!found) continue;
    const references = locationsOf(tree, referenceSpans(tree.model, found), options.encoding);
    return { register: found.register, owners: ownerItems({ ...tree, path: '' }, found, options), references };
  }
  return null;
}
