import { CodeActionKind, CodeActionRequest, type CodeAction, type Diagnostic } from 'vscode-languageserver';
import { DIAGNOSTICS_SOURCE } from '../../../../protocol/protocol.js';
import type { Finding, Fix, Rule } from '../../check/finding.js';
import { RULES } from '../../check/rules.js';
import { sourceOf } from '../../model/query/text.js';
import type { Steps } from '../../model/steps.js';
import type { SourceText } from '../../syntax/text/sourceText.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { Place, Trees } from '../engine/trees.js';
import { rangeOf, uriOf } from '../positions.js';
import { treeRequest } from './feature.js';
import { findingsOf } from './treeFindings.js';
import { documentQuestion } from './treeQuestion.js';

/** Whose quick fixes are asked for: the diagnostics of a document that are ours. */
interface ActionQuestion {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Quick fixes of findings: what mends it, then what turns its rule off in the settings; a comment in the source is the last choice. */
export const codeAction = treeRequest({
  request: CodeActionRequest.type,
  capability: { codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] } },
  setting: null,
  urgency: 'command',
  question: ({ textDocument, context }): ActionQuestion => ({
    ...documentQuestion({ textDocument }),
    diagnostics: context.diagnostics.filter(({ source }) => source === DIAGNOSTICS_SOURCE),
  }),
  answer: function* (trees: Trees, { uri, diagnostics }, options): Steps<CodeAction[] | null> {
    if (diagnostics.length === 0) return [];
    const place = yield* trees.place(uri);
    if (!place) return null;
    const findings = yield* findingsOf(place.model);
    return diagnostics.flatMap((diagnostic) => actionsOf({ place, uri, diagnostic }, findings, options));
  },
});

/** A diagnostic with where it is shown. */
interface ShownFinding {
  readonly place: Place;
  /** As the client writes it. */
  readonly uri: string;
  readonly diagnostic: Diagnostic;
}

function actionsOf(shown: ShownFinding, all: readonly Finding[], options: AnswerOptions): CodeAction[] {
  const { place, diagnostic } = shown;
  const rule = RULES.find(({ id }) => id === diagnostic.code);
  const source = sourceOf(place.model, place.path);
  if (!rule || !source) return [];
  const finding = all.find((one) => {
    if (one.rule !== rule.id || one.file !== place.path) return false;
    const { start } = rangeOf(source, one.span, options.encoding);
    return start.line === diagnostic.range.start.line && start.character === diagnostic.range.start.character;
  });
  const fixes = finding ? (rule.fixes?.(place.model, finding) ?? []) : [];
  return [
    ...fixes.map((fix, i) => ({ ...fixAction(shown, fix, options), isPreferred: i === 0 })),
    ...settingActions(rule, diagnostic, options),
    ignoringAction(shown, source, rule),
  ];
}

function fixAction(
  { place, uri, diagnostic }: ShownFinding,
  { title, edits }: Fix,
  options: AnswerOptions,
): CodeAction {
  const changes: Record<string, { range: Diagnostic['range']; newText: string }[]> = {};
  for (const { file, span, text } of edits) {
    const source = sourceOf(place.model, file);
    const target = file === place.path ? uri : uriOf(place.root, file);
    if (source) (changes[target] ??= []).push({ range: rangeOf(source, span, options.encoding), newText: text });
  }
  return { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], edit: { changes } };
}

/** Where the client has a command for it: the rule, or its family, is turned off in the settings. */
function settingActions({ id, family }: Rule, diagnostic: Diagnostic, options: AnswerOptions): CodeAction[] {
  const command = options.setSeverity;
  if (command === null) return [];
  return [id, family].map((key) => {
    const title = key === id ? `Turn off ${key} in settings` : `Turn off all of ${key} in settings`;
    const run = { title, command, arguments: [key, 'off'] };
    return { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], command: run };
  });
}

/** A comment on the line before that silences the rule there. */
function ignoringAction({ uri, diagnostic }: ShownFinding, source: SourceText, { id }: Rule): CodeAction {
  const start = { line: diagnostic.range.start.line, character: 0 };
  const newText = ignoringLine(lineOf(source, start.line), lineOf(source, start.line - 1), id);
  return {
    title: `Ignore ${id} here, by a comment`,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    edit: { changes: { [uri]: [{ range: { start, end: start }, newText }] } },
  };
}

/** The comment, indented as the line that it is for; one in a macro's body is continued as the lines around it are. */
function ignoringLine(line: string, before: string, rule: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  const isContinued = /\\\r?\n?$/.test(before);
  return `${indent}/* kvm-regs-ignore: ${rule} */${isContinued ? ' \\' : ''}${line.endsWith('\r\n') ? '\r\n' : '\n'}`;
}

/** The text of a line (0-based) with its end; '' for none. */
function lineOf({ text, lineStarts }: SourceText, line: number): string {
  const start = lineStarts[line];
  return start === undefined ? '' : text.slice(start, lineStarts[line + 1]);
}
