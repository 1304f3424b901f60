import { resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { checkTree, unjudged } from '../check/checkTree.js';
import { RULES } from '../check/rules.js';
import { rulesPage } from '../check/rulesPage.js';
import { explainAt, explainLine } from '../explain/explainAt.js';
import { detailsLines } from '../explain/detailsText.js';
import { detailsOf } from '../explain/explainDetails.js';
import { explanationLines } from '../explain/explanationText.js';
import { definitionAt } from '../model/query/definitionAt.js';
import { memberNamed, registerNamed } from '../model/query/registers.js';
import { unreadFiles } from '../model/query/unreadFiles.js';
import { xsaveStateNamed } from '../model/query/xsaveStates.js';
import type { RegisterModel } from '../model/registerModel.js';
import { checkJson, checkLines, ruleOf } from './check.js';
import { CommandError, requireUsage } from './commandError.js';
import { isShell, readRequest, seeHelp, type Request } from './commandLine.js';
import { COMMAND_NAMES, isCommandName, SHELLS } from './commandTable.js';
import { completionScript } from './completion.js';
import { countText } from './counts.js';
import { ExitStatus } from './exitStatus.js';
import { commandHelp, programHelp } from './help.js';
import { heading, layOut, UNLIMITED, type Layout, type Line } from './lines.js';
import { loadModel } from './loadModel.js';
import { mapJson } from './mapJson.js';
import { checkSourceUrl, mapPage, pageAssets, writePage } from './mapPage.js';
import { mapLines, mapMarkdown } from './mapTable.js';
import { suggestion } from './nearestNames.js';
import { ownersJson, ownersLines } from './ownersOutput.js';
import { printable, printableJson } from '../explain/printable.js';
import { unreadLines } from './problems.js';
import { progressLine } from './progress.js';
import { refLine, refsJson } from './refs.js';
import { registerCandidates } from './registerNames.js';
import { provenanceText, timelineJson } from './views.js';
import { timelines } from '../view/timeline.js';
import { timelineLines } from '../view/timelineText.js';
import { findPosition, readPosition } from './sourcePosition.js';
import { layoutOf, type Terminal } from './terminal.js';
import { startOfSearch } from './treeArgument.js';
import { stateOwnersJson, stateOwnersLines } from './xsave/stateOwners.js';
import { xsaveJson } from './xsave/xsaveJson.js';
import { xsaveMarkdown } from '../explain/xsave/xsaveMarkdown.js';
import { xsaveLines } from './xsave/xsaveText.js';

/** Runs the program with its arguments; resolves to the exit status. Rejects only for a fault of our own. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  try {
    return await dispatch(readRequest(args), terminal);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    printError(terminal, error.message);
    return error.status;
  }
}

/** Says in one line on stderr what is wrong. */
function printError(terminal: Terminal, message: string): void {
  terminal.err(`${printable(`kvm-regs: ${message}`)}\n`);
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
    case 'rules':
      return printLines(rulesPage(RULES).trimEnd().split('\n'), UNLIMITED);
    case 'completion':
      return printLines(
        completionFor(rest[0] ?? '')
          .trimEnd()
          .split('\n'),
        UNLIMITED,
      );
    case 'lsp':
      return serveEditor(options);
    default:
      return answer(command, request, { terminal, layout });
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

/** The commands that read a tree. */
type TreeCommand = 'map' | 'owner' | 'timeline' | 'refs' | 'explain' | 'xsave' | 'check';

/** What a command that reads a tree says. */
interface Answer {
  /** The document of `--json`. */
  readonly json: () => unknown;
  readonly lines: (width: number) => readonly Line[];
  /** Lines that are never wrapped: references, Markdown. */
  readonly isUnlimited?: boolean;
  readonly status?: ExitStatus;
}

interface Question extends Request {
  readonly model: RegisterModel;
}

const ANSWERS: Readonly<Record<TreeCommand, (question: Question) => Answer>> = {
  map: answerMap,
  owner: answerOwner,
  timeline: answerTimeline,
  refs: answerRefs,
  explain: answerExplain,
  xsave: answerXsave,
  check: answerCheck,
};

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

async function answer(
  command: TreeCommand,
  request: Request,
  { terminal, layout }: { readonly terminal: Terminal; readonly layout: Layout },
): Promise<ExitStatus> {
  requireArguments(request);
  const progress = progressLine(terminal);
  const model = await loadModel(treePath(request), progress.stage).finally(progress.done);
  const { json, lines, isUnlimited = false, status = ExitStatus.done } = ANSWERS[command]({ ...request, model });
  if (request.options.has('json')) terminal.out(printableJson(`${JSON.stringify(json(), null, 1)}\n`));
  else terminal.out(layOut(lines(layout.width), isUnlimited ? UNLIMITED : layout));
  return status;
}

/** Where the tree is looked for. */
function treePath({ command, tree, rest }: Request): string {
  if (tree !== null) return resolve(tree);
  return startOfSearch(command === 'explain' ? readPosition(rest[0] ?? '').file : null);
}

function answerMap({ model, options }: Question): Answer {
  const isMarkdown = options.has('markdown');
  const html = options.get('html');
  if (html !== undefined) {
    writePage(html, mapPage(model, pageAssets(new URL('.', import.meta.url)), options.get('source-url') ?? null));
    return { json: () => null, lines: () => [] };
  }
  return {
    json: () => mapJson(model),
    lines: (width) => (isMarkdown ? mapMarkdown(model) : mapLines(model, width)),
    isUnlimited: isMarkdown,
  };
}

function answerXsave({ model, options }: Question): Answer {
  const isMarkdown = options.has('markdown');
  return {
    json: () => xsaveJson(model),
    lines: (width) => (isMarkdown ? xsaveMarkdown(model) : [...xsaveLines(model, width), ...unreadLines(model)]),
    isUnlimited: isMarkdown,
  };
}

function answerRefs({ model, rest }: Question): Answer {
  for (const name of rest) if (!isKnown(model, name)) throw unknownRegister(model, name);
  const refs = refsJson(model, rest);
  return { json: () => refs, lines: () => refs.map(refLine), isUnlimited: true };
}

function isKnown(model: RegisterModel, name: string): boolean {
  return registerNamed(model, name) !== null || memberNamed(model, name) !== null;
}

function unknownRegister(model: RegisterModel, name: string): CommandError {
  const known = model.registers.filter((register) => register.member).map((register) => register.register);
  const meant = suggestion(name, registerCandidates(model));
  return notFound(model, `no register '${name}' in ${model.root}; it has ${known.join(' ')} and R16-R31${meant}`);
}

/** What a tree does not have; where files of it could not be read, whether it does is not known. */
function notFound(model: RegisterModel, message: string): CommandError {
  const [unread, ...others] = unreadFiles(model);
  if (!unread) return new CommandError(message);
  const more = others.length > 0 ? ` and ${countText(others.length, 'other file')}` : '';
  return new CommandError(`${message}; not read: ${unread.file} (${unread.message})${more}`, ExitStatus.notJudged);
}

function answerOwner({ model, rest, options }: Question): Answer {
  const [name = ''] = rest;
  const register = registerNamed(model, name);
  const state = register ? null : xsaveStateNamed(model, name);
  const backend = backendAsked(model, options);
  const form = (['dot', 'mermaid'] as const).find((one) => options.has(one));
  requireUsage(!state || form === undefined, `owner draws registers of the map only, not ${name}`);
  if (state) {
    return {
      json: () => stateOwnersJson(model, state),
      lines: () => [...stateOwnersLines(model, state), ...unreadLines(model)],
    };
  }
  if (!register) throw unknownRegister(model, name);
  if (form !== undefined) {
    const text = provenanceText(model, register, { backend, form });
    return { json: () => null, lines: () => text.trimEnd().split('\n'), isUnlimited: true };
  }
  return {
    json: () => ownersJson(model, register, backend),
    lines: () => [...ownersLines(model, register, backend), ...unreadLines(model)],
  };
}

/** What goes on below a step of a run stands under its first word. */
const STEP_HANG = 6;

function answerTimeline({ model, options }: Question): Answer {
  const backend = backendAsked(model, options);
  const lines = () =>
    timelineLines(timelines(model, backend)).map(({ text, isHeading }): Line =>
      isHeading ? heading(text) : { text, hang: STEP_HANG },
    );
  return { json: () => timelineJson(model, backend), lines: () => [...lines(), ...unreadLines(model)] };
}

/** The name of the backend that is asked for in either case (`SEV-ES` is what answers call it), which the tree has; null for all. */
function backendAsked(model: RegisterModel, options: Request['options']): string | null {
  const asked = options.get('backend');
  if (asked === undefined) return null;
  const backends = model.backends.map(({ name }) => name);
  const backend = backends.find((name) => name.toLowerCase() === asked.toLowerCase());
  if (backend !== undefined) return backend;
  const message = `no backend '${asked}' in this tree; it has ${backends.join(', ')}`;
  throw notFound(model, `${message}${suggestion(asked, backends)}`);
}

function answerCheck({ model, options }: Question): Answer {
  const family = (['tracking', 'apx'] as const).find((one) => options.has(one));
  const rules = RULES.filter((rule) => family === undefined || rule.family === family);
  const findings = checkTree(model, rules);
  const hasMistake = findings.some((finding) => ruleOf(finding)?.family === 'tracking');
  const judged = hasMistake ? ExitStatus.findings : ExitStatus.done;
  return {
    json: () => checkJson(model, findings),
    lines: () => [...checkLines(model, findings, rules), ...unreadLines(model)],
    status: unjudged(model).length > 0 ? ExitStatus.notJudged : judged,
  };
}

function answerExplain({ model, rest, options }: Question): Answer {
  const position = readPosition(rest[0] ?? '');
  const { path, offset } = findPosition(model, position);
  const found = offset === null ? explainLine(model, path, position.line) : explainAt(model, path, offset);
  if (!found) return { json: () => null, lines: () => ['Nothing is known of a guest register here.'] };
  const { explanation } = found;
  const details = options.has('all') ? detailsOf(model, definitionAt(model, path, found.start)) : null;
  return {
    json: () => (details ? { ...explanation, details } : explanation),
    lines: () => [...explanationLines(explanation), ...(details ? ['', ...detailsLines(details)] : [])],
  };
}
