import { randomBytes } from 'node:crypto';
import { commands, Range, Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import type { Page } from '../../protocol/protocol.js';
import { pageHtml, pageIsLoaded, type PageContent } from './pageHtml.js';
import { pageLink } from './pageLink.js';

/** Shows pages of Markdown beside the code or in its place, their links to files and lines included. */
export interface PageView {
  /** Shows a page; the next of the same kind takes its place. One beside the code leaves it the focus. */
  show(kind: string, page: Page, where: 'beside' | 'here'): Promise<void>;
  /** Puts a page in the place of the one of its kind that is shown; nothing where there is none. */
  replace(kind: string, page: Page): Promise<void>;
  /** Whether a page of this kind can be seen. */
  isVisible(kind: string): boolean;
  dispose(): void;
}

/** Commands that a page's text may link to. */
const linkedCommands = ['kvmRegs.showApxReadiness', 'kvmRegs.check', 'kvmRegs.showLog'];

/** A page that is shown. */
interface ShownPage {
  readonly panel: WebviewPanel;
  content: PageContent;
  /** The tree's root: what links are relative to. */
  root: Uri;
  /** Where its links open: where the code was. */
  column: ViewColumn;
}

/** Makes the view, without a page. */
export function pageView(): PageView {
  const shown = new Map<string, ShownPage>();
  const newPage = (kind: string, where: 'beside' | 'here', content: PageContent, root: Uri): void => {
    const place =
      where === 'beside' ? { viewColumn: ViewColumn.Beside, preserveFocus: true } : { viewColumn: ViewColumn.Active };
    const options = {
      enableScripts: true,
      enableFindWidget: true,
      enableCommandUris: linkedCommands,
      localResourceRoots: [],
    };
    const column = window.activeTextEditor?.viewColumn ?? ViewColumn.One;
    const panel = window.createWebviewPanel('kvmRegs.page', content.title, place, options);
    const page: ShownPage = { panel, content, root, column };
    panel.onDidDispose(() => shown.delete(kind));
    panel.webview.onDidReceiveMessage((given: unknown) => heed(given, page));
    panel.webview.html = pageHtml(content.title, randomBytes(16).toString('hex'));
    shown.set(kind, page);
  };
  const replace = async (page: ShownPage, content: PageContent, root: Uri): Promise<void> => {
    const { panel } = page;
    if (window.activeTextEditor !== undefined) page.column = window.activeTextEditor.viewColumn ?? ViewColumn.One;
    page.content = content;
    page.root = root;
    panel.title = content.title;
    await panel.webview.postMessage(content);
  };
  return {
    show: async (kind, page, where) => {
      const content = await contentOf(page);
      const known = shown.get(kind);
      const root = Uri.parse(page.root);
      if (known === undefined) {
        newPage(kind, where, content, root);
        return;
      }
      await replace(known, content, root);
      known.panel.reveal(undefined, where === 'beside');
    },
    replace: async (kind, page) => {
      const content = await contentOf(page);
      const known = shown.get(kind);
      if (known !== undefined) await replace(known, content, Uri.parse(page.root));
    },
    isVisible: (kind) => shown.get(kind)?.panel.visible === true,
    dispose: () => {
      for (const { panel } of [...shown.values()]) panel.dispose();
    },
  };
}

/** VS Code's own Markdown extension renders a page, and escapes what is no Markdown. */
async function contentOf({ title, markdown }: Page): Promise<PageContent> {
  return { title, body: await commands.executeCommand<string>('markdown.api.render', markdown) };
}

/** Does what a page asks for: its content, at each time that it is loaded, or what one of its links leads to. */
async function heed(given: unknown, page: ShownPage): Promise<void> {
  if (given === pageIsLoaded) await page.panel.webview.postMessage(page.content);
  else await openLink(given, page);
}

/** Opens what a link of a page leads to: a line of a file of the tree. */
async function openLink(href: unknown, { root, column }: ShownPage): Promise<void> {
  const link = pageLink(href);
  if (link === null) return;
  const selection = new Range(link.line - 1, 0, link.line - 1, 0);
  await window.showTextDocument(Uri.joinPath(root, link.path), { viewColumn: column, selection });
}
