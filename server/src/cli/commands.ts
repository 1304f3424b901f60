import { resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { findKernelTree } from '../tree/findKernelTree.js';
import { answerStore } from './answerStore.js';
import { cacheReport } from './cacheReport.js';
import { CommandError, errorLine, requireUsage } from './commandError.js';
import { isShell, readRequest, seeHelp, type Request } from './commandLine.js';
import { COMMAND_NAMES, isCommandName, SHELLS } from './commandTable.js';
import { completionScript } from './completion.js';
import { ExitStatus } from './exitStatus.js';
import { commandHelp, programHelp } from './help.js';
import { keptOrFresh } from './keptAnswers.js';
import { readingRecord } from '../store/treeRecords.js';
import { layOut, UNLIMITED, type Layout, type Line } from './lines.js';
import { suggestion } from './nearestNames.js';
import { progressLine } from './progress.js';
import { checkSourceUrl } from './sourceUrl.js';
import { layoutOf, type Terminal } from './terminal.js';
import { startOfSearch } from './treeArgument.js';
import type { TreeRequest } from './treeRequest.js';
import { readPosition } from './writtenPosition.js';

/** Runs the program with its arguments; resolves to the exit status. Rejects only for a fault of our own. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  try {
    return await dispatch(readRequest(args), terminal);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    terminal.err(errorLine(error.message));
    return error.status;
  }
}

async function dispatch(request: Request, terminal: Terminal): Promise<ExitStatus> {
  const { command, rest, options } = request;
  const layout = layoutOf(terminal, options);
  const printLines = (lines: readonly Line[], as: Layout = layout) => {
    terminal.out(layOut(lines, as));
    return ExitStatus.done;
  };
  switch (command) {
    case 'version':
      return printLines([manifest.version]);
    case 'help':
      return printLines(helpOn(rest[0]));
    case 'rules': {
      const { rulesLines } = await import('./rulesLines.js');
      return printLines(rulesLines(), UNLIMITED);
    }
    case 'completion':
      return printLines(
        completionFor(rest[0] ?? '')
          .trimEnd()
          .split('\n'),
        UNLIMITED,
      );
    case 'lsp':
      return serveEditor(options);
    case 'cache':
      return printLines(cacheReport(options), UNLIMITED);
    default:
      return answer({ ...request, command, layout }, terminal);
  }
}

function helpOn(topic: string | undefined): Line[] {
  if (topic === undefined) return programHelp();
  if (isCommandName(topic)) return commandHelp(topic);
  throw new CommandError(`unknown command '${topic}'${suggestion(topic, COMMAND_NAMES)}${seeHelp()}`);
}

function completionFor(shell: string): string {
  if (isShell(shell)) return completionScript(shell);
  const meant = suggestion(shell, SHELLS);
  throw new CommandError(`no completion for '${shell}': there is one for ${SHELLS.join(', ')}${meant}`);
}

/** Runs the language server, which ends the process itself. */
async function serveEditor(options: Request['options']): Promise<never> {
  const isOne = (['stdio', 'node-ipc', 'socket', 'pipe'] as const).some((name) => options.has(name));
  requireUsage(isOne, `lsp wants --stdio, --node-ipc, --socket PORT or --pipe NAME${seeHelp('lsp')}`);
  const socket = options.get('socket');
  const port = socket === undefined ? null : Number(socket);
  const isPort = port === null || (Number.isInteger(port) && port > 0 && port < 2 ** 16);
  requireUsage(isPort, `lsp --socket wants a port, not '${socket ?? ''}'`);
  // Loaded here, so that the other commands start without the server's libraries.
  const { runServer } = await import('../lsp/main.js');
  const directory = new URL('.', import.meta.url);
  await runServer(directory, { port, pipe: options.get('pipe') ?? null }).catch((error: unknown) => {
    throw new CommandError(`lsp ${error instanceof Error ? error.message : String(error)}`);
  });
  return new Promise(() => undefined);
}

/** What is wrong with a command's arguments whatever the tree is, so that none is read for it. */
function requireArguments({ command, rest, options }: Request): void {
  const forms = FORMS.filter((form) => options.has(form)).map((form) => `--${form}`);
  requireUsage(forms.length < 2, `${command} takes ${forms.join(' or ')}, not both`);
  const sourceUrl = options.get('source-url');
  requireUsage(sourceUrl === undefined || options.has('html'), 'map takes --source-url with --html FILE');
  if (sourceUrl !== undefined) checkSourceUrl(sourceUrl);
  requireUsage(
    !(options.has('tracking') && options.has('apx')),
    'check takes --tracking or --apx; both are checked without either',
  );
  if (command === 'explain') readPosition(rest[0] ?? '');
}

/** Options of which one alone says what form an answer has. */
const FORMS = ['json', 'markdown', 'html', 'dot', 'mermaid'] as const;

async function answer(request: TreeRequest, terminal: Terminal): Promise<ExitStatus> {
  requireArguments(request);
  const found = findKernelTree(treePath(request));
  if ('missing' in found) throw new CommandError(found.missing);
  const store = answerStore(request, found.tree);
  const question = { request, tree: found.tree, store };
  const kept = store && readingRecord(store, found.tree.root);
  const left: (() => void)[] = [];
  const { stdout, stderr, status } = await keptOrFresh(question, async (text) => {
    const progress = progressLine(terminal);
    // Loaded here, so that an answer that is kept is given without the engine.
    const { answerFrom } = await import('./answers.js');
    const record = kept && {
      read: kept.read,
      write: (make: () => unknown) => {
        left.push(() => {
          kept.write(make());
        });
      },
    };
    return answerFrom({ text, record }, request, progress.stage).finally(progress.done);
  });
  terminal.out(stdout);
  terminal.err(stderr);
  // Whoever asked has the answer by now.
  for (const write of left) write();
  return status;
}

/** Where the tree is looked for. */
function treePath({ command, tree, rest }: Request): string {
  if (tree !== null) return resolve(tree);
  return startOfSearch(command === 'explain' ? readPosition(rest[0] ?? '').file : null);
}
