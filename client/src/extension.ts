import {
  commands,
  window,
  workspace,
  type ExtensionContext,
  type TextDocument,
  type TextEditor,
  type WebviewPanel,
} from 'vscode';
import type { KvmRegisterLens, RegisterApi } from './api.js';
import type { RegisterLens } from './client.js';
import { inTreeKey, mapViewType, registeredIds } from './commandIds.js';
import { isInTree, treeOfDocument } from './documentTree.js';

let stop: (() => Promise<void>) | undefined;

/**
 * Runs in each window that shows C, so it does next to nothing: the client's bundle is loaded, and the server started,
 * with a folder that is in a KVM tree, or the first visible file of one.
 */
export function activate(context: ExtensionContext): KvmRegisterLens {
  let loaded: Promise<RegisterLens> | undefined;
  const load = () => (loaded ??= import('./client.js').then(({ startRegisterLens }) => startRegisterLens(context)));
  stop = async () => {
    const lens = await loaded;
    await lens?.stop();
  };

  const include = async (document: TextDocument, root: string) => {
    const lens = await load();
    lens.include(document, root);
  };
  /** Whether the document is in a KVM tree; the server then gets to know its tree. */
  const visit = (document: TextDocument): boolean => {
    const root = treeOfDocument(document.uri);
    if (root !== null) include(document, root).catch(report);
    return root !== null;
  };
  const show = (editor: TextEditor | undefined) =>
    commands.executeCommand('setContext', inTreeKey, editor !== undefined && visit(editor.document));

  for (const id of registeredIds) {
    const run = async (...args: readonly unknown[]) => {
      const lens = await load();
      await lens.run(id, args);
    };
    context.subscriptions.push(commands.registerCommand(id, run));
  }
  const startInTree = () => {
    if (hasTreeFolder())
      load()
        .then((lens) => {
          lens.start();
        })
        .catch(report);
  };
  context.subscriptions.push(
    workspace.onDidChangeWorkspaceFolders(startInTree),
    window.registerWebviewPanelSerializer(mapViewType, {
      deserializeWebviewPanel: async (panel: WebviewPanel) => (await load()).restoreMap(panel),
    }),
    window.onDidChangeActiveTextEditor(show),
    window.onDidChangeVisibleTextEditors((editors) => {
      for (const { document } of editors) visit(document);
    }),
  );
  for (const { document } of window.visibleTextEditors) visit(document);
  void show(window.activeTextEditor);
  startInTree();

  const hasTree = () => loaded !== undefined || hasTreeFolder();
  return publicApi({
    owner: async (register, file) => (hasTree() ? (await load()).api.owner(register, file) : null),
    references: async (register, file) => (hasTree() ? (await load()).api.references(register, file) : null),
  });
}

/** Resolves when the server has ended. */
export async function deactivate(): Promise<void> {
  await stop?.();
}

function hasTreeFolder(): boolean {
  return workspace.workspaceFolders?.some(({ uri }) => isInTree(uri)) === true;
}

/** What goes wrong before the client has a log is in the log of the extension host. */
function report(error: unknown): void {
  console.error(error);
}

function publicApi(api: RegisterApi): KvmRegisterLens {
  return {
    getApi(version: number) {
      if (version !== 1) throw new RangeError(`KVM Register Lens has API version 1, not ${version}`);
      return api;
    },
  };
}
