import { randomBytes } from 'node:crypto';
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
  /** Shows the map of a file's tree, of the first tree without a file; at a register where one is named. */
  show(uri: Uri | null, register?: string): Promise<void>;
  /** Fills a panel that was there when the window was closed. */
  restore(panel: WebviewPanel): Promise<void>;
  /** Makes the map anew after a change, soon. */
  refreshSoon(): void;
  dispose(): void;
}

/** Where the file is kept whose tree the panel shows, for the next start of the window. */
const shownFileKey = 'kvmRegs.map.file';

/** How long nothing must change before the map is made anew, in ms. */
const REST_MS = 400;

export function mapPanel(context: ExtensionContext, session: ServerSession): MapPanel {
  const assets = Uri.joinPath(context.extensionUri, 'server', 'dist');
  let panel: WebviewPanel | undefined;
  let shown = '';
  let timer: NodeJS.Timeout | undefined;

  const ask = async (parts?: PageParts): Promise<MapAnswer | null> => {
    const client = await session.client();
    return client.sendRequest(MapRequest, { ...treeParams(context), ...(parts && { parts }) });
  };
  const post = async (message: HostMessage) => {
    await panel?.webview.postMessage(message);
  };
  const fill = async (target: WebviewPanel): Promise<void> => {
    const answer = await ask(partsFor(target, assets));
    if (!answer?.page) {
      showMessage('no KVM x86 tree is open');
      target.dispose();
      return;
    }
    shown = keyOf(answer);
    target.title = 'KVM Register Map';
    target.webview.html = answer.page;
  };
  const refresh = async (): Promise<void> => {
    if (!panel?.visible) return;
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
    target.webview.options = { enableScripts: true, localResourceRoots: [assets] };
    target.webview.onDidReceiveMessage((message: unknown) => heed(message));
    target.onDidChangeViewState(refreshSoon);
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
    show: async (uri, register) => {
      if (uri !== null) await context.workspaceState.update(shownFileKey, uri.toString());
      if (panel) {
        panel.reveal(undefined, false);
        refreshSoon();
      } else {
        const fresh = window.createWebviewPanel(mapViewType, 'KVM Register Map', ViewColumn.Active);
        adopt(fresh);
        await fill(fresh);
      }
      if (register !== undefined) await post({ type: 'select', id: register });
    },
    restore: async (target) => {
      adopt(target);
      await fill(target);
    },
    refreshSoon,
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

/** What the page may load: the style sheet and the script beside the server, and nothing else. */
function partsFor({ webview }: WebviewPanel, assets: Uri): PageParts {
  const nonce = randomBytes(16).toString('base64url');
  const url = (name: string) => webview.asWebviewUri(Uri.joinPath(assets, name)).toString();
  return {
    policy: `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`,
    style: url('mapStyle.css'),
    script: url('map.js'),
    nonce,
  };
}

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
