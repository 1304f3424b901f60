import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { languages, LanguageStatusSeverity, window, type TextEditor } from 'vscode';
import { treeOfDocument } from './documentTree.js';
import { statusText, type ServerState } from './statusText.js';

/** The language-status item (`{}` in the status bar), which says what is known of the active file and why not more. */
export interface StatusItem {
  show(state: ServerState): void;
  dispose(): void;
}

const showLog = { command: 'kvmRegs.showLog', title: 'Show Log' };
const restartServer = { command: 'kvmRegs.restart', title: 'Restart Server' };

/** Makes the item; it follows the active editor by itself. */
export function statusItem(): StatusItem {
  const item = languages.createLanguageStatusItem('kvmRegs', { scheme: 'file', pattern: '**/*.{c,h,S}' });
  item.name = 'KVM Register Lens';
  let state: ServerState = 'starting';
  let file = fileOf(window.activeTextEditor);
  const update = () => {
    const { text, detail, isBusy, isWarning } = statusText(state, file);
    item.text = text;
    item.detail = detail;
    item.busy = isBusy;
    item.command = state === 'stopped' ? restartServer : showLog;
    item.severity = isWarning ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
  };
  const following = window.onDidChangeActiveTextEditor((editor) => {
    if (editor !== undefined && editor.viewColumn === undefined) return; // the output's, or one inside a peek view
    file = fileOf(editor);
    update();
  });
  update();
  return {
    show: (next) => {
      state = next;
      update();
    },
    dispose: () => {
      following.dispose();
      item.dispose();
    },
  };
}

/** An editor's file as the server names it: symbolic links resolved, with '/'. Null for one in no KVM tree. */
function fileOf(editor: TextEditor | undefined): string | null {
  const uri = editor?.document.uri;
  if (uri === undefined || treeOfDocument(uri) === null) return null;
  try {
    return realpathSync(uri.fsPath).split(sep).join('/');
  } catch {
    return uri.fsPath; // not on disk any more: its editor shows what was there
  }
}
