import { randomBytes } from 'node:crypto';
import { commands, Range, Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import type { Page } from '../../protocol/protocol.js';
import { pageHtml } from './pageHtml.js';
import { pageLink } from './pageLink.js';

/** Shows pages of Markdown beside the code or in its place, their links to files and lines included. */
export interface PageView {
  /** Shows a page; the next of the same kind takes its place. One beside the code leaves it the focus. */
  show(kind: string, page: Page, where: 'beside' | 'here'): Promise<void>;
  dispose(): void;
}

/** Commands that a page's text may link to. */
const linkedCommands = ['kvmRegs.showApxReadiness', 'kvmRegs.check', 'kvmRegs.showLog'];

/** A page that is shown. */
interface ShownPage {
  readonly panel: WebviewPanel;
  /** The tree's root: what links are relative to. */
  root: Uri;
  /** Where its links open: where the code was. */
  column: ViewColumn;
}

/** Makes the view, without a page. */
export function pageView(): PageView {
  const shown = new Map<string, ShownPage>();
  const pageOf = (kind: string, where: 'beside' | 'here', root: Uri): ShownPage => {
    const column = window.activeTextEditor?.viewColumn ?? ViewColumn.One;
    const known = shown.get(kind);
    if (known !== undefined) {
      if (window.activeTextEditor !== undefined) known.column = column;
      known.root = root;
      known.panel.reveal(undefined, where === 'beside');
      return known;
    }
    const place =
      where === 'beside' ? { viewColumn: ViewColumn.Beside, preserveFocus: true } : { viewColumn: ViewColumn.Active };
    const options = {
      enableScripts: true,
      enableFindWidget: true,
      enableCommandUris: linkedCommands,
      localResourceRoots: [],
    };
    const page: ShownPage = { panel: window.createWebviewPanel('kvmRegs.page', '', place, options), root, column };
    page.panel.onDidDispose(() => shown.delete(kind));
    page.panel.webview.onDidReceiveMessage((href: unknown) => openLink(href, page));
    shown.set(kind, page);
    return page;
  };
  return {
    show: async (kind, { title, root, markdown }, where) => {
      const { panel } = pageOf(kind, where, Uri.parse(root));
      panel.title = title;
      // VS Code's own Markdown extension renders it, and escapes what is no Markdown.
      const body = await commands.executeCommand<string>('markdown.api.render', markdown);
      panel.webview.html = pageHtml(title, body, randomBytes(16).toString('hex'));
    },
    dispose: () => {
      for (const { panel } of [...shown.values()]) panel.dispose();
    },
  };
}

/** Opens what a link of a page leads to: a line of a file of the tree. */
async function openLink(href: unknown, { root, column }: ShownPage): Promise<void> {
  const link = pageLink(href);
  if (link === null) return;
  const selection = new Range(link.line - 1, 0, link.line - 1, 0);
  await window.showTextDocument(Uri.joinPath(root, link.path), { viewColumn: column, selection });
}
