import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import {
  DiagnosticSeverity,
  Disposable,
  languages,
  StatusBarAlignment,
  ThemeColor,
  Uri,
  window,
  workspace,
  type TextEditor,
} from 'vscode';
import { DIAGNOSTICS_SOURCE } from '../../protocol/protocol.js';
import { isInTree } from './documentTree.js';
import { statusText, type ServerState, type WindowState } from './statusText.js';

/** The item in the status bar: the tree that is worked in, and what is known of it. It is there while the window shows a tree. */
export interface StatusItem {
  show(state: ServerState): void;
  /** What it says, for the menu that it opens. */
  text(): readonly string[];
  dispose(): void;
}

/** Makes the item; it follows the active editor and the diagnostics by itself. */
export function statusItem(): StatusItem {
  const item = window.createStatusBarItem('kvmRegs', StatusBarAlignment.Left);
  item.name = 'KVM Register Lens';
  item.command = 'kvmRegs.showMenu';
  let state: ServerState = 'starting';
  let path = pathOf(window.activeTextEditor);
  let details: readonly string[] = [];
  const update = () => {
    const status = statusText(state, { path, ...findingCounts() });
    details = status.details;
    item.text = status.text;
    item.tooltip = ['KVM Register Lens', ...details].join('\n');
    item.accessibilityInformation = { label: ['KVM Register Lens', ...details].join('. '), role: 'button' };
    item.backgroundColor = status.isWarning ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    if (path === null) item.hide();
    else item.show();
  };
  const follow = (editor: TextEditor | undefined) => {
    if (editor !== undefined && editor.viewColumn === undefined) return; // the output's, or one inside a peek view
    path = pathOf(editor);
    update();
  };
  const following = Disposable.from(
    item,
    window.onDidChangeActiveTextEditor(follow),
    workspace.onDidChangeWorkspaceFolders(() => {
      follow(window.activeTextEditor);
    }),
    languages.onDidChangeDiagnostics(update),
  );
  update();
  return {
    show: (next) => {
      state = next;
      update();
    },
    text: () => details,
    dispose: () => {
      following.dispose();
    },
  };
}

function findingCounts(): Pick<WindowState, 'findings' | 'warnings'> {
  const all = languages.getDiagnostics().flatMap(([, diagnostics]) => diagnostics);
  const own = all.filter(({ source }) => source === DIAGNOSTICS_SOURCE);
  const warnings = own.filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
  return { findings: own.length, warnings: warnings.length };
}

/** The editor's file, else the window's first folder, that is in a KVM tree, as the server names it; null for none. */
function pathOf(editor: TextEditor | undefined): string | null {
  const folders = workspace.workspaceFolders?.map(({ uri }) => uri) ?? [];
  const uri = [...(editor ? [editor.document.uri] : []), ...folders].find(isInTree);
  return uri === undefined ? null : realPath(uri);
}

/** Symbolic links resolved, with '/'. */
function realPath(uri: Uri): string {
  try {
    return realpathSync(uri.fsPath).split(sep).join('/');
  } catch {
    return uri.fsPath; // not on disk any more: its editor shows what was there
  }
}
