import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import {
  createMessageConnection,
  CancellationTokenSource,
  LSPErrorCodes,
  PortMessageReader,
  PortMessageWriter,
  ResponseError,
  type CancellationToken,
} from 'vscode-languageserver/node';
import type { Steps } from '../../model/steps.js';
import { createCParser } from '../../syntax/c/cTree.js';
import { openBuildStore, type BuildStore } from '../../store/buildStore.js';
import type { ReadingRecord } from '../../model/keptReading.js';
import { readingRecord } from '../../store/treeRecords.js';
import { isDirectoryInTree } from '../../tree/directoryInTree.js';
import { errorMessage, errorText } from '../errorText.js';
import type { EarlyAnswer, StepAnswer } from '../features/feature.js';
import { FEATURES } from '../features/features.js';
import {
  AddFolder,
  CloseDocument,
  DiskChanged,
  EngineFailed,
  KeepFacts,
  OpenDocument,
  RemoveFolder,
  StageBegins,
  notifierOver,
  TreesChanged,
  TreesRead,
  type Ask,
  type EngineRequest,
} from './engineProtocol.js';
import { createScheduler, type Urgency } from './scheduler.js';
import { createWorkspace } from './workspace.js';

// The engine's thread reads trees and answers questions, in steps, between which it takes what has arrived.

const port = parentPort;
if (!port) throw new Error('engine.js runs as a worker thread of the language server');
const readAsset = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)));
const parser = await createCParser({
  runtime: readAsset('./web-tree-sitter.wasm'),
  grammar: readAsset('./tree-sitter-c.wasm'),
});

let arrivals = 0;
const connection = createMessageConnection(
  new PortMessageReader(port),
  new PortMessageWriter(port),
  { error: fail, warn: fail, info: () => undefined, log: () => undefined },
  {
    messageStrategy: {
      handleMessage: (message, handle) => {
        arrivals++;
        return handle(message);
      },
    },
  },
);

/** The connection handles one message in a turn of the event loop, from the turn after that it came in. */
function takeMessages(goOn: () => void): void {
  const before = arrivals;
  setImmediate(() =>
    setImmediate(() => {
      if (arrivals === before) goOn();
      else takeMessages(goOn);
    }),
  );
}

const notify = notifierOver(connection);
const scheduler = createScheduler(takeMessages);
let store: { readonly facts: BuildStore; readonly directory: string } | null = null;
/** Where what is remembered of a tree outlives the process. What is to be written waits until nobody is waited for. */
function recordOf(store: BuildStore, root: string): ReadingRecord {
  const record = readingRecord(store, root);
  return {
    read: record.read,
    write: (make) => {
      runInBackground(
        (function* () {
          yield;
          record.write(make());
        })(),
      );
    },
  };
}

const workspace = createWorkspace(
  parser,
  {
    onStage: (root, stage) => {
      notify(StageBegins, { root, stage });
    },
    onRead: () => {
      notify(TreesRead, { trees: workspace.status() });
    },
  },
  (tree) => (store && !isDirectoryInTree(tree, store.directory) ? recordOf(store.facts, tree.root) : null),
);

connection.onNotification(KeepFacts, (settings) => {
  const facts = openBuildStore(settings, new URL('.', import.meta.url));
  store = facts && { facts, directory: settings.directory };
});

/** At most one look at the disk in this time, where the client does not watch it. Milliseconds. */
const SWEEP_INTERVAL = 1000;
let lastSweep = 0;

function refreshTrees(): void {
  lastSweep = performance.now();
  if (!workspace.refresh()) return;
  const trees = workspace.now();
  runInBackground(
    (function* () {
      yield* trees.all();
      notify(TreesChanged, null);
    })(),
  );
}

function answerInSteps<Question, Answer>(
  request: EngineRequest<Question, Answer>,
  urgency: Urgency,
  answer: StepAnswer<Question, Answer>,
  early: EarlyAnswer<Question, Answer> = () => null,
): void {
  const correct = correction(answer);
  const handle = async (ask: Ask<Question>, token: CancellationToken) => {
    const { question, options, isUnwatched } = ask;
    if (isUnwatched && performance.now() - lastSweep > SWEEP_INTERVAL) refreshTrees();
    try {
      const known = early(workspace.now(), question, options);
      correct(ask, known);
      if (known !== null) return known;
      return await scheduler.run(urgency, answer(workspace.now(), question, options), token);
    } catch (error) {
      throw error instanceof ResponseError ? error : failed(request.method, error);
    }
  };
  connection.onRequest<unknown, never>(request.method, handle);
}

/** What the client is told of a fault of ours: its message. Where it was thrown is logged, which is nothing to a client. */
function failed(method: string, error: unknown): ResponseError {
  process.stderr.write(`${method}: ${errorText(error)}\n`);
  return new ResponseError(LSPErrorCodes.RequestFailed, errorMessage(error));
}

/**
 * Gives what is told of each answer to a request: after an early one it has the tree read, and the client ask again where the
 * answer is another then. What is asked of a document later makes that needless, so it is given up.
 */
function correction<Question, Answer>(
  answer: StepAnswer<Question, Answer>,
): (ask: Ask<Question>, early: Answer | null) => void {
  const running = new Map<string, CancellationTokenSource>();
  return ({ question, options }, early) => {
    const key = JSON.stringify(question);
    running.get(key)?.cancel();
    running.delete(key);
    if (early === null) return;
    const source = new CancellationTokenSource();
    running.set(key, source);
    const trees = workspace.now();
    runInBackground(
      (function* () {
        yield; // The early answer goes first.
        const later = yield* answer(trees, question, options);
        if (JSON.stringify(later) !== JSON.stringify(early)) notify(TreesChanged, null);
      })(),
      source.token,
    );
  };
}

const rulesPage = new URL('./checks.md', import.meta.url).toString();
for (const feature of FEATURES) feature.engage({ rulesPage, answer: answerInSteps });
connection.onNotification(OpenDocument, workspace.open);
connection.onNotification(CloseDocument, ({ uri }) => {
  workspace.close(uri);
});
connection.onNotification(AddFolder, ({ path }) => {
  runInBackground(workspace.addFolder(path));
});
connection.onNotification(RemoveFolder, ({ path }) => {
  workspace.removeFolder(path);
  notify(TreesRead, { trees: workspace.status() });
});
connection.onNotification(DiskChanged, refreshTrees);
connection.listen();

function runInBackground(steps: Steps<void>, token?: CancellationToken): void {
  scheduler.run('background', steps, token).catch((error: unknown) => {
    if (token?.isCancellationRequested) return;
    process.stderr.write(`${errorText(error)}\n`);
    fail(errorMessage(error));
  });
}

function fail(message: string): void {
  notify(EngineFailed, { message });
}
