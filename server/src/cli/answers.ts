import { checkTree, unjudged } from '../check/checkTree.js';
import { RULES } from '../check/rules.js';
import { explainAt, explainLine } from '../explain/explainAt.js';
import { detailsLines } from '../explain/detailsText.js';
import { detailsOf } from '../explain/explainDetails.js';
import { explanationLines } from '../explain/explanationText.js';
import { xsaveMarkdown } from '../explain/xsave/xsaveMarkdown.js';
import type { ReadingRecord } from '../model/keptReading.js';
import { definitionAt } from '../model/query/definitionAt.js';
import { memberNamed, registerNamed } from '../model/query/registers.js';
import { unreadFiles } from '../model/query/unreadFiles.js';
import { xsaveStateNamed } from '../model/query/xsaveStates.js';
import type { StageListener } from '../model/readTree.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { LoadedTree } from '../tree/loadTree.js';
import { timelines } from '../view/timeline.js';
import { timelineLines } from '../view/timelineText.js';
import { checkJson, checkLines, ruleOf } from './check.js';
import { CommandError, errorLine, requireUsage } from './commandError.js';
import type { Request } from './commandLine.js';
import type { TreeCommand } from './commandTable.js';
import { countText } from '../explain/counts.js';
import { ExitStatus } from './exitStatus.js';
import { heading, layOut, UNLIMITED, type Line } from './lines.js';
import { optimizeLate } from './lateOptimization.js';
import { readModel } from './readModel.js';
import { mapJson } from './mapJson.js';
import { mapPage, pageAssets, writePage } from './mapPage.js';
import { mapLines, mapMarkdown } from './mapTable.js';
import { suggestion } from './nearestNames.js';
import { ownersJson, ownersLines } from './ownersOutput.js';
import { printableJson } from '../explain/printable.js';
import type { PrintedAnswer } from './printedAnswer.js';
import { unreadLines } from './problems.js';
import { refLine, refsJson } from './refs.js';
import { registerCandidates } from './registerNames.js';
import { findPosition } from './sourcePosition.js';
import type { TreeRequest } from './treeRequest.js';
import { provenanceText, timelineJson } from './views.js';
import { readPosition } from './writtenPosition.js';
import { stateOwnersJson, stateOwnersLines } from './xsave/stateOwners.js';
import { xsaveJson } from './xsave/xsaveJson.js';
import { xsaveLines } from './xsave/xsaveText.js';

/** A tree as it was loaded, and where what is remembered of it is kept; null for nowhere. */
interface ReadableTree {
  readonly text: LoadedTree;
  readonly record: ReadingRecord | null;
}

/** Reads a tree's text and answers. `map --html` writes its file. Rejects only for a fault of our own. */
export async function answerFrom(
  { text, record }: ReadableTree,
  request: TreeRequest,
  onStage: StageListener,
): Promise<PrintedAnswer> {
  optimizeLate();
  const model = await readModel(text, onStage, record);
  try {
    const {
      json,
      lines,
      isUnlimited = false,
      status = ExitStatus.done,
    } = ANSWERS[request.command]({ ...request, model });
    const { layout, options } = request;
    const stdout = options.has('json')
      ? printableJson(`${JSON.stringify(json(), null, 1)}\n`)
      : layOut(lines(layout.width), isUnlimited ? UNLIMITED : layout);
    return { stdout, stderr: '', status };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { stdout: '', stderr: errorLine(error.message), status: error.status };
  }
}

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
  const others = registerCandidates(model).filter((candidate) => candidate !== name.toUpperCase());
  const meant = suggestion(name, others);
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
