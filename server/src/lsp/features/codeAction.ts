import { CodeActionKind, CodeActionRequest, type CodeAction, type CodeActionParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { DIAGNOSTICS_SOURCE } from '../../../../protocol/protocol.js';
import { localRequest } from './feature.js';

export const codeAction = localRequest({
  request: CodeActionRequest.type,
  capability: { codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] } },
  answer: (params, server) => {
    const document = server.documents.get(params.textDocument.uri);
    return document ? silencingActions(document, params) : null;
  },
});

/** For each of our diagnostics, a comment on the line before that silences it. */
function silencingActions(document: TextDocument, { context }: CodeActionParams): CodeAction[] {
  return context.diagnostics
    .filter(({ source }) => source === DIAGNOSTICS_SOURCE)
    .map((diagnostic) => {
      const rule = String(diagnostic.code);
      const start = { line: diagnostic.range.start.line, character: 0 };
      const newText = ignoringLine(lineOf(document, start.line), lineOf(document, start.line - 1), rule);
      return {
        title: `Silence ${rule} here`,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        edit: { changes: { [document.uri]: [{ range: { start, end: start }, newText }] } },
      };
    });
}

/** The comment, indented as the line that it is for; one in a macro's body is continued as the lines around it are. */
function ignoringLine(line: string, before: string, rule: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  const isContinued = /\\\r?\n?$/.test(before);
  return `${indent}/* kvm-regs-ignore: ${rule} */${isContinued ? ' \\' : ''}${line.endsWith('\r\n') ? '\r\n' : '\n'}`;
}

/** The text of a line (0-based) with its end; '' for none. */
function lineOf(document: TextDocument, line: number): string {
  return line < 0 ? '' : document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
}
