import { isAbsolute, relative, resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { checkTree } from '../check/checkTree.js';
import { RULES } from '../check/rules.js';
import { rulesPage } from '../check/rulesPage.js';
import { explainAt, explainLine } from '../explain/explainAt.js';
import { explanationText } from '../explain/explanationText.js';
import { offsetAt } from '../syntax/text/sourceText.js';
import { memberNamed, registerNamed } from '../model/query/registers.js';
import { pathsOf, sourceOf } from '../model/query/text.js';
import { xsaveStateNamed, type XsaveSubject } from '../model/query/xsaveStates.js';
import type { RegisterModel } from '../model/registerModel.js';
import { checkJson, checkText, ruleOf } from './check.js';
import { readRequest, USAGE, UsageError, type Request } from './commandLine.js';
import { mapJson } from './mapJson.js';
import { checkSourceUrl, mapPage, pageAssets, writePage } from './mapPage.js';
import { mapMarkdown, mapText } from './mapTable.js';
import { NoTreeError, loadModel } from './loadModel.js';
import { ownersJson, ownersText } from './ownersOutput.js';
import { progressLine } from './progress.js';
import { refLine, refsJson } from './refs.js';
import { provenanceText, timelineJson } from './views.js';
import { timelines } from '../view/timeline.js';
import { timelineText } from '../view/timelineText.js';
import { stateOwnersJson, stateOwnersText } from './xsave/stateOwners.js';
import { boldOn, type Terminal } from './terminal.js';
import { xsaveJson } from './xsave/xsaveJson.js';
import { xsaveMarkdown } from './xsave/xsaveMarkdown.js';
import { xsaveText } from './xsave/xsaveText.js';

/** Exit statuses (the contract's). */
const DONE = 0;
const FINDINGS = 1;
const WRONG_USE = 2;

/** Columns of a table that goes to no terminal: a wide one, so that nothing is cut. */
const UNCUT = 200;

/** Runs the program with its arguments; resolves to the exit status. Never rejects for anything a user can cause. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof NoTreeError)) throw error;
    terminal.err(`kvm-regs: ${error.message}\n`);
    return WRONG_USE;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const request = readRequest(args);
  if (request === 'help') return print(terminal, USAGE);
  if (request === 'version') return print(terminal, `${manifest.version}\n`);
  if (request === 'rules') return print(terminal, rulesPage(RULES));
  if (request === 'lsp') return serveEditor();
  const command = COMMANDS.get(request.command);
  if (!command) throw new UsageError(`unknown command '${request.command}' (see kvm-regs --help)`);
  command.check(request);
  const progress = progressLine(terminal);
  const model = await loadModel(resolve(request.tree), progress.stage).finally(progress.done);
  return command.run(model, request, terminal);
}

function print(terminal: Terminal, text: string): number {
  terminal.out(text);
  return DONE;
}

/** Runs the language server, which reads its transport from the process' arguments and ends the process itself. */
async function serveEditor(): Promise<never> {
  // Loaded here, so that the other commands start without the server's libraries.
  const { runServer } = await import('../lsp/main.js');
  runServer(new URL('.', import.meta.url));
  return new Promise(() => undefined);
}

interface Command {
  /** Throws UsageError before the tree is read. */
  readonly check: (request: Request) => void;
  /** Gives the exit status. */
  readonly run: (model: RegisterModel, request: Request, terminal: Terminal) => number;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'map',
    {
      check: ({ json, markdown, html, sourceUrl }) => {
        requireUsage(!(json && markdown), 'map takes --json or --markdown, not both');
        requireUsage(html === null || !(json || markdown), 'map takes --html FILE, --json or --markdown, one of them');
        requireUsage(sourceUrl === null || html !== null, 'map takes --source-url with --html FILE');
        if (sourceUrl !== null) checkSourceUrl(sourceUrl);
      },
      run: runMap,
    },
  ],
  [
    'xsave',
    {
      check: ({ json, markdown }) => {
        requireUsage(!(json && markdown), 'xsave takes --json or --markdown, not both');
      },
      run: runXsave,
    },
  ],
  [
    'check',
    {
      check: ({ family }) => {
        requireUsage(family !== 'both', 'check takes --tracking or --apx; both are checked without either');
      },
      run: runCheck,
    },
  ],
  ['refs', { check: () => undefined, run: runRefs }],
  [
    'owner',
    {
      check: ({ rest, json, dot, mermaid }) => {
        requireUsage(
          [json, dot, mermaid].filter(Boolean).length < 2,
          'owner takes --json, --dot or --mermaid, one of them',
        );
        requireUsage(rest.length === 1, 'owner wants one REGISTER: kvm-regs owner TREE RSP');
      },
      run: runOwner,
    },
  ],
  ['timeline', { check: () => undefined, run: runTimeline }],
  [
    'explain',
    {
      check: ({ rest }) => {
        requireUsage(rest.length === 1 && POSITION.test(rest[0] ?? ''), 'explain wants FILE:LINE or FILE:LINE:COLUMN');
      },
      run: runExplain,
    },
  ],
]);

function requireUsage(isSo: boolean, message: string): void {
  if (!isSo) throw new UsageError(message);
}

function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 1)}\n`);
}

function runMap(model: RegisterModel, { json, markdown, html, sourceUrl }: Request, terminal: Terminal): number {
  if (html !== null) writePage(html, mapPage(model, pageAssets(new URL('.', import.meta.url)), sourceUrl));
  else if (json) printJson(terminal, mapJson(model));
  else if (markdown) terminal.out(mapMarkdown(model));
  else terminal.out(mapText(model, terminal.columns ?? UNCUT, boldOn(terminal)));
  return DONE;
}

function runXsave(model: RegisterModel, { json, markdown }: Request, terminal: Terminal): number {
  if (json) printJson(terminal, xsaveJson(model));
  else if (markdown) terminal.out(xsaveMarkdown(model));
  else terminal.out(xsaveText(model, terminal.columns, boldOn(terminal)));
  return DONE;
}

function runRefs(model: RegisterModel, { json, rest }: Request, terminal: Terminal): number {
  for (const name of rest) if (!isKnown(model, name)) throw unknownRegister(model, name);
  const refs = refsJson(model, rest);
  if (json) printJson(terminal, refs);
  else terminal.out(refs.map((ref) => `${refLine(ref)}\n`).join(''));
  return DONE;
}

function isKnown(model: RegisterModel, name: string): boolean {
  return registerNamed(model, name) !== null || memberNamed(model, name) !== null;
}

function unknownRegister(model: RegisterModel, name: string): UsageError {
  const known = model.registers.filter((register) => register.member).map((register) => register.register);
  return new UsageError(`no register '${name}' in ${model.root}; it has ${known.join(' ')} and R16-R31`);
}

function runTimeline(model: RegisterModel, { json, backend }: Request, terminal: Terminal): number {
  requireBackend(model, backend);
  if (json) printJson(terminal, timelineJson(model, backend));
  else terminal.out(timelineText(timelines(model, backend), boldOn(terminal)));
  return DONE;
}

function requireBackend({ backends }: RegisterModel, backend: string | null): void {
  const names = backends.map(({ name }) => name);
  requireUsage(
    backend === null || names.includes(backend),
    `no backend '${backend ?? ''}' in this tree; it has ${names.join(', ')}`,
  );
}

function runOwner(model: RegisterModel, request: Request, terminal: Terminal): number {
  const { json, rest, backend, dot, mermaid } = request;
  const [name = ''] = rest;
  const register = registerNamed(model, name);
  const state = register ? null : xsaveStateNamed(model, name);
  requireUsage(!state || !(dot || mermaid), `owner draws registers of the map only, not ${name}`);
  if (state) return printState(model, state, json, terminal);
  if (!register) throw unknownRegister(model, name);
  requireBackend(model, backend);
  if (json) printJson(terminal, ownersJson(model, register, backend));
  else if (dot || mermaid) terminal.out(provenanceText(model, register, { backend, form: dot ? 'dot' : 'mermaid' }));
  else terminal.out(ownersText(model, register, backend, boldOn(terminal)));
  return DONE;
}

function printState(model: RegisterModel, state: XsaveSubject, json: boolean, terminal: Terminal): number {
  if (json) printJson(terminal, stateOwnersJson(model, state));
  else terminal.out(stateOwnersText(model, state));
  return DONE;
}

function runCheck(model: RegisterModel, { json, family }: Request, terminal: Terminal): number {
  const rules = RULES.filter((rule) => family === null || rule.family === family);
  const findings = checkTree(model, rules);
  if (json) printJson(terminal, checkJson(model, findings));
  else terminal.out(checkText(model, findings, rules, { columns: terminal.columns ?? null, bold: boldOn(terminal) }));
  return findings.some((finding) => ruleOf(finding)?.family === 'tracking') ? FINDINGS : DONE;
}

const POSITION = /^(.+?):(\d+)(?::(\d+))?$/;

function runExplain(model: RegisterModel, { json, rest }: Request, terminal: Terminal): number {
  const [, path = '', line = '', column] = POSITION.exec(rest[0] ?? '') ?? [];
  const file = fileNamed(model, path);
  const source = sourceOf(model, file);
  const offset = source && column !== undefined ? offsetAt(source, Number(line), Number(column)) : null;
  if (!source || Number(line) > source.lineStarts.length) throw new UsageError(`${path} has no line ${line}`);
  const found = offset === null ? explainLine(model, file, Number(line)) : explainAt(model, file, offset);
  if (json) printJson(terminal, found?.explanation ?? null);
  else terminal.out(found ? `${explanationText(found.explanation)}\n` : 'Nothing is known of a guest register here.\n');
  return DONE;
}

/** The model's path of a file that is named from the tree's root or from the current directory. */
function fileNamed(model: RegisterModel, path: string): string {
  const fromHere = relative(model.root, resolve(path)).replaceAll('\\', '/');
  const candidates = isAbsolute(path) ? [fromHere] : [path.replace(/^\.\//, ''), fromHere];
  const found =
    candidates.find((candidate) => sourceOf(model, candidate)) ??
    pathsOf(model).find((file) => file.endsWith(`/${path}`));
  if (found === undefined)
    throw new UsageError(`no file '${path}' among the ${String(pathsOf(model).length)} files of KVM in ${model.root}`);
  return found;
}
