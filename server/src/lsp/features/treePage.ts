import type { Page, TreePageParams } from '../../../../protocol/protocol.js';
import type { Steps } from '../../model/steps.js';
import type { Trees } from '../engine/trees.js';
import { checkPage, readinessPage } from '../pages/checkPage.js';
import { xsavePage } from '../pages/xsavePage.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { findingsOf } from './treeFindings.js';
import { givenText } from './treeQuestion.js';

/** A page about a whole tree. */
export const treePage = treeRequest({
  request: ownRequest('kvmRegs/treePage'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: ({ kind, uri }) => ({ kind, uri: givenText(uri) }),
  answer: pageOf,
});

function* pageOf(trees: Trees, { kind, uri }: TreePageParams): Steps<Page | null> {
  const tree = yield* trees.tree(uri);
  if (!tree) return null;
  switch (kind) {
    case 'xsave':
      return xsavePage(tree);
    case 'check':
      return checkPage(tree, yield* findingsOf(tree.model));
    case 'apx':
      return readinessPage(tree, yield* findingsOf(tree.model));
  }
}
