import type { MapAnswer, MapRun, MapSection, PageParts } from '../../../../protocol/protocol.js';
import { registerNamed } from '../../model/query/registers.js';
import type { LinkOf } from '../../view/html/evidenceLink.js';
import { mapContent } from '../../view/html/mapContent.js';
import { mapDocument } from '../../view/html/mapDocument.js';
import { html, NO_MARKUP, trusted, type Markup } from '../../view/html/markup.js';
import { registerSection } from '../../view/html/registerSection.js';
import { runSteps } from '../../view/html/runSection.js';
import { mapView, registerRow } from '../../view/mapView.js';
import { timelines } from '../../view/timeline.js';
import type { Steps } from '../../model/steps.js';
import type { TreeModel } from '../engine/trees.js';
import { isRecord } from '../isRecord.js';
import { uriOf } from '../positions.js';
import { treeRequest } from './feature.js';
import { ownRequest } from './ownRequest.js';
import { stringIn, treeAsked, treeQuestion } from './treeAsked.js';

/** The page of the register map. */
export const mapPage = treeRequest({
  request: ownRequest('kvmRegs/map'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: (params: unknown) => ({
    ...treeQuestion(params),
    parts: isRecord(params) ? partsIn(params['parts']) : null,
  }),
  answer: function* (trees, question): Steps<MapAnswer | null> {
    const tree = yield* treeAsked(trees, question);
    return tree && pageOf(tree, question.parts);
  },
  // A page that is opened shows the map of before an edit; the client asks for that of after it, without the page, once the tree is read.
  early: (trees, { uri, parts }) => {
    const tree = uri === null || parts === null ? null : trees.earlierTree(uri);
    return tree && pageOf(tree, parts);
  },
});

/** A register's section of that page. */
export const mapSection = treeRequest({
  request: ownRequest('kvmRegs/mapSection'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: (params: unknown) => ({ ...treeQuestion(params), name: stringIn(params, 'name') ?? '' }),
  answer: function* (trees, question): Steps<MapSection | null> {
    const tree = yield* treeAsked(trees, question);
    return tree && sectionOf(tree, question.name);
  },
});

/** The steps of a backend's run on that page. */
export const mapRun = treeRequest({
  request: ownRequest('kvmRegs/mapRun'),
  capability: {},
  setting: null,
  urgency: 'command',
  question: (params: unknown) => ({ ...treeQuestion(params), backend: stringIn(params, 'backend') ?? '' }),
  answer: function* (trees, question): Steps<MapRun | null> {
    const tree = yield* treeAsked(trees, question);
    const [run] = tree ? timelines(tree.model, question.backend) : [];
    return tree && run ? { steps: runSteps(run, linksInto(tree)).markup } : null;
  },
});

function pageOf(tree: TreeModel, parts: PageParts | null): MapAnswer {
  const content = mapContent(tree.model, [], linksInto(tree));
  const page =
    parts &&
    mapDocument(content, {
      policy: parts.policy,
      style: inlined('style', parts.style, parts.nonce),
      script: inlined('script', parts.script, parts.nonce),
      sections: NO_MARKUP,
    });
  return { title: content.title, head: content.head.markup, body: content.body.markup, page };
}

/** The client's own style sheet or script as an element, as it stands. */
function inlined(name: 'style' | 'script', text: string, nonce: string): Markup {
  return trusted(`<${name} nonce="${html`${nonce}`.markup}">${text}</${name}>`);
}

function sectionOf(tree: TreeModel, name: string): MapSection | null {
  const register = registerNamed(tree.model, name);
  if (!register) return null;
  const { backends } = mapView(tree.model);
  return { section: registerSection(registerRow(tree.model, register), backends, linksInto(tree)).markup };
}

function linksInto({ root }: TreeModel): LinkOf {
  return ({ file, line }) => `${uriOf(root, file)}#L${String(line)}`;
}

/** The parts of a page that a client gave; null where one is missing. */
function partsIn(value: unknown): PageParts | null {
  const [policy, style, script, nonce] = ['policy', 'style', 'script', 'nonce'].map((key) => stringIn(value, key));
  if (!policy || !style || !script || !nonce) return null;
  return { policy, style, script, nonce };
}
