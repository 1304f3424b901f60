import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { createCParser } from '../syntax/c/cTree.js';
import { codeLenses } from './codeLens.js';
import { diagnostics } from './diagnostics.js';
import type { AnswerOptions, PlaceAnswer, Questions } from './answers.js';
import type { EngineMessage, EngineReply } from './engineMessages.js';
import { hover } from './hover.js';
import { inlayHints } from './inlayHint.js';
import { declaration, definition, documentHighlight, implementation, references, symbols } from './navigation.js';
import { explain, owners, register } from './customRequests.js';
import type { PlaceParams } from './protocol.js';
import { createWorkspace, type Workspace } from './workspace.js';

// The engine's thread: it reads trees and answers questions, one after the other, so that the thread that talks to the client
// is free at any time.

const port = parentPort;
if (!port) throw new Error('engine.js runs as a worker thread of the language server');
const reply = (message: EngineReply) => {
  port.postMessage(message);
};
const readAsset = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)));
const parser = await createCParser({
  runtime: readAsset('./web-tree-sitter.wasm'),
  grammar: readAsset('./tree-sitter-c.wasm'),
});
const workspace = createWorkspace(parser, (root, stage) => {
  reply({ kind: 'stage', root, stage });
});

/** The page that tells of the rules, beside the program. */
const RULES_PAGE = new URL('./checks.md', import.meta.url).toString();

/** At most one look at the disk in this time, where the client does not watch it. Milliseconds. */
const SWEEP_INTERVAL = 1000;
let lastSweep = 0;

let lastReportedReading = -1;

port.on('message', (message: EngineMessage) => {
  try {
    handleMessage(message);
  } catch (error) {
    reply({ kind: 'trouble', message: textOf(error) });
  }
});

function handleMessage(message: EngineMessage): void {
  switch (message.kind) {
    case 'open':
      workspace.open(message);
      return;
    case 'close':
      workspace.close(message.uri);
      return;
    case 'folder':
      workspace.addFolder(message.path);
      break;
    case 'disk':
      sweep();
      break;
    case 'ask':
      answer(message);
      break;
  }
  reportStatus();
}

function sweep(): void {
  lastSweep = performance.now();
  if (!workspace.refresh()) return;
  workspace.models();
  reply({ kind: 'changed' });
}

/** Tells how the trees are, once for each reading. */
function reportStatus(): void {
  const readings = workspace.readings();
  if (readings === lastReportedReading) return;
  lastReportedReading = readings;
  reply({ kind: 'status', trees: workspace.status() });
}

function answer({ id, question, params, options, isUnwatched }: EngineMessage & { kind: 'ask' }): void {
  try {
    if (isUnwatched && performance.now() - lastSweep > SWEEP_INTERVAL) sweep();
    const found = answerTo(workspace, question, params, options);
    // Who has an answer from a tree may rely on it that the tree is known to be read.
    reportStatus();
    reply({ kind: 'answer', id, answer: found });
  } catch (error) {
    reply({ kind: 'failure', id, message: textOf(error) });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const PLACE_ANSWERS: Readonly<Record<string, PlaceAnswer<unknown>>> = {
  hover,
  implementation,
  definition,
  declaration,
  references,
  documentHighlight,
  explain,
  owners,
};

function answerTo(
  trees: Workspace,
  question: keyof Questions,
  params: Questions[keyof Questions]['params'],
  options: AnswerOptions,
): unknown {
  if ('uris' in params)
    return params.uris.map((uri) => {
      const place = trees.place(uri);
      return { uri, diagnostics: place ? diagnostics(place, RULES_PAGE, options) : [] };
    });
  if ('query' in params) return symbols(trees.models(), params.query, options);
  if ('name' in params) {
    const place = params.uri === null ? null : trees.place(params.uri);
    return register(place ? [place.model] : trees.models(), params.name, options);
  }
  const place = trees.place(params.uri);
  if (!place) return null;
  if (question === 'codeLens') return codeLenses(place, options);
  if (question === 'inlayHint') return inlayHints(place, options);
  return isPlace(params) ? (PLACE_ANSWERS[question]?.(place, params, options) ?? null) : null;
}

function isPlace(params: { readonly uri: string }): params is PlaceParams {
  return 'position' in params;
}
