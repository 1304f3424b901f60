import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import {
  createMessageConnection,
  LSPErrorCodes,
  PortMessageReader,
  PortMessageWriter,
  ResponseError,
  type CancellationToken,
} from 'vscode-languageserver/node';
import type { Steps } from '../../model/steps.js';
import { createCParser } from '../../syntax/c/cTree.js';
import { errorText } from '../errorText.js';
import type { StepAnswer } from '../features/feature.js';
import { FEATURES } from '../features/features.js';
import {
  AddFolder,
  CloseDocument,
  DiskChanged,
  EngineFailed,
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
const workspace = createWorkspace(parser, {
  onStage: (root, stage) => {
    notify(StageBegins, { root, stage });
  },
  onRead: () => {
    notify(TreesRead, { trees: workspace.status() });
  },
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
): void {
  const handle = async ({ question, options, isUnwatched }: Ask<Question>, token: CancellationToken) => {
    if (isUnwatched && performance.now() - lastSweep > SWEEP_INTERVAL) refreshTrees();
    try {
      return await scheduler.run(urgency, answer(workspace.now(), question, options), token);
    } catch (error) {
      throw error instanceof ResponseError ? error : new ResponseError(LSPErrorCodes.RequestFailed, errorText(error));
    }
  };
  connection.onRequest<unknown, never>(request.method, handle);
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

function runInBackground(steps: Steps<void>): void {
  scheduler.run('background', steps).catch((error: unknown) => {
    fail(errorText(error));
  });
}

function fail(message: string): void {
  notify(EngineFailed, { message });
}
