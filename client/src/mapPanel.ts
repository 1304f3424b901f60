import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Range, Uri, ViewColumn, window, workspace, type ExtensionContext, type WebviewPanel } from 'vscode';
import type { MapAnswer, PageParts } from '../../protocol/protocol.js';
import type { HostMessage } from '../../webview/messages.js';
import { pageMessage } from './commandArguments.js';
import { mapViewType } from './commandIds.js';
import { treeOfDocument } from './documentTree.js';
import { oneAtATime } from './oneAtATime.js';
import { showMessage } from './place.js';
import { MapRequest, MapRunRequest, MapSectionRequest } from './protocol.js';
import type { ServerSession } from './serverSession.js';

/** The panel with the register map. A window has one. */
export interface MapPanel {
  /** Shows the map of the tree that a file or a directory is in. */
  show(uri: Uri): Promise<void>;
  /** Fills a panel that was there when the window was closed. */
  restore(panel: WebviewPanel): Promise<void>;
  /** Makes the map anew, soon: a tree was read. */
  treeWasRead(): void;
  dispose(): void;
}

/** The panel's title. */
const mapTitle = 'KVM Register Map';

/** Where the file is kept whose tree the panel shows, for the next start of the window. */
const shownFileKey = 'kvmRegs.map.file';

/** How long nothing must change before the map is made anew, in ms. */
const REST_MS = 400;

/** How long the panel may be empty before it says what it waits for, in ms. */
const PATIENCE_MS = 400;

export function mapPanel(context: ExtensionContext, session: ServerSession): MapPanel {
  let panel: WebviewPanel | undefined;
  /** The map that the panel shows, and the one in its HTML, which it shows again after it was hidden; '' for none. */
  let shown = '';
  let loaded = '';
  let timer: NodeJS.Timeout | undefined;
  /** Whether the map was asked for and is not there yet. */
  let isAsking = false;
  /** The last filling of a panel; settled when it is filled. */
  let filling: Promise<void> = Promise.resolve();

  const ask = async (parts?: PageParts): Promise<MapAnswer | null> => {
    const client = await session.client();
    isAsking = true;
    try {
      return await client.sendRequest(MapRequest, { ...treeParams(context), ...(parts && { parts }) });
    } finally {
      isAsking = false;
    }
  };
  const post = async (message: HostMessage) => {
    await panel?.webview.postMessage(message);
  };
  const fill = (target: WebviewPanel): Promise<void> => {
    filling = loadPage(target);
    return filling;
  };
  const loadPage = async (target: WebviewPanel): Promise<void> => {
    const load = (html: string) => {
      if (panel === target) target.webview.html = html; // it may be closed meanwhile
    };
    const waiting = setTimeout(load, PATIENCE_MS, waitingPage);
    try {
      const answer = await ask(pageParts(context.extensionUri));
      if (panel !== target) return;
      if (answer?.page) {
        shown = loaded = keyOf(answer);
        load(answer.page);
      } else {
        showMessage('no KVM x86 tree is open');
        target.dispose();
      }
    } finally {
      clearTimeout(waiting);
    }
  };
  const refresh = async (): Promise<void> => {
    await filling.catch(() => undefined); // whoever asked for it is told
    if (!panel?.visible) return;
    if (loaded === '') {
      await fill(panel);
      return;
    }
    const answer = await ask();
    if (answer === null) return;
    const { title, head, body } = answer;
    const isSame = keyOf(answer) === shown;
    shown = keyOf(answer);
    await post(isSame ? { type: 'edited' } : { type: 'map', title, head, body });
  };
  const heed = async (given: unknown): Promise<void> => {
    const message = pageMessage(given);
    if (message === null) return;
    if (message.type === 'open') {
      await openLine(message.url, panel);
      return;
    }
    const client = await session.client();
    const tree = treeParams(context);
    if (message.type === 'run') {
      const { type, backend } = message;
      const answer = await client.sendRequest(MapRunRequest, { ...tree, backend });
      await post({ type, backend, steps: answer?.steps ?? '' });
      return;
    }
    const answer = await client.sendRequest(MapSectionRequest, { ...tree, name: message.register });
    await post({ type: 'section', register: message.register, section: answer?.section ?? null });
  };
  const adopt = (target: WebviewPanel) => {
    panel = target;
    loaded = '';
    target.webview.options = { enableScripts: true, localResourceRoots: [] };
    target.webview.onDidReceiveMessage((message: unknown) => heed(message));
    let wasVisible = target.visible;
    target.onDidChangeViewState(() => {
      if (target.visible && !wasVisible) {
        shown = loaded;
        refreshNow();
      }
      wasVisible = target.visible;
    });
    target.onDidDispose(() => {
      if (panel === target) panel = undefined;
    });
  };
  const refreshNow = oneAtATime(refresh, (error) => {
    console.error(error);
  });
  const refreshSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(refreshNow, REST_MS);
  };
  const following = workspace.onDidChangeTextDocument(({ document }) => {
    if (panel && treeOfDocument(document.uri) !== null) refreshSoon();
  });

  return {
    show: async (uri) => {
      const stored = context.workspaceState.update(shownFileKey, uri.toString());
      if (panel) {
        panel.reveal(undefined, false);
        refreshNow();
      } else {
        const fresh = window.createWebviewPanel(mapViewType, mapTitle, ViewColumn.Active);
        adopt(fresh);
        await fill(fresh);
      }
      await stored;
    },
    restore: async (target) => {
      adopt(target);
      await fill(target);
    },
    treeWasRead: () => {
      // What is asked for already is answered from that reading.
      if (!isAsking) refreshSoon();
    },
    dispose: () => {
      clearTimeout(timer);
      following.dispose();
      panel?.dispose();
    },
  };
}

/** The tree that is shown: that of the file that was last asked about. */
function treeParams(context: ExtensionContext): { readonly uri?: string } {
  const uri = context.workspaceState.get<string>(shownFileKey);
  return uri === undefined ? {} : { uri };
}

function keyOf({ title, head, body }: MapAnswer): string {
  return [title, head, body].join('\n');
}

/** What the page is made of beside its content: the style sheet and the script beside the server. It may load nothing else, nor these. */
function pageParts(extension: Uri): PageParts {
  const nonce = randomBytes(16).toString('base64url');
  const text = (name: string) => readFileSync(Uri.joinPath(extension, 'server', 'dist', name).fsPath, 'utf8');
  return {
    policy: `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`,
    style: text('mapStyle.css'),
    script: text('map.js'),
    nonce,
  };
}

/** What the panel says while the tree is read for the first time. */
const waitingPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>${mapTitle}</title>
</head>
<body>
<main><p role="status">The kernel tree is being read. Its register map comes here.</p></main>
</body>
</html>`;

/** Opens a line of a tree's file beside the map, or where a text editor is. */
async function openLine(url: string, panel: WebviewPanel | undefined): Promise<void> {
  const uri = Uri.parse(url);
  const line = Number(/^L(\d+)$/.exec(uri.fragment)?.[1] ?? 1) - 1;
  const file = uri.with({ fragment: '' });
  if (treeOfDocument(file) === null) return;
  const beside = window.visibleTextEditors.find(({ viewColumn }) => viewColumn !== panel?.viewColumn)?.viewColumn;
  await window.showTextDocument(file, {
    viewColumn: beside ?? ViewColumn.Beside,
    selection: new Range(line, 0, line, 0),
  });
}
