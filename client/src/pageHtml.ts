/** Prose and tables in the editor's own fonts and colours, so that they fit any theme; conditions of code stand in narrow columns. */
const style = `
body { background: var(--vscode-editor-background); font-family: var(--vscode-markdown-font-family, var(--vscode-font-family)); line-height: 1.5; padding: 0 1.5em 2em; max-width: 70em; }
code { font-family: var(--vscode-editor-font-family); color: var(--vscode-textPreformat-foreground); background: var(--vscode-textPreformat-background); padding: 0 0.2em; border-radius: 3px; display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
h1 { font-size: 1.5em; font-weight: 600; }
h2 { font-size: 1.2em; font-weight: 600; margin-top: 1.8em; }
table { border-collapse: collapse; }
th { text-align: left; position: sticky; top: 0; background: var(--vscode-editor-background); }
td, th { padding: 0.2em 1em 0.2em 0; vertical-align: top; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-panel-border)); }
td { overflow-wrap: anywhere; }
td:first-child { overflow-wrap: normal; }
li { margin: 0.3em 0; }
a, p > a { color: var(--vscode-textLink-foreground); text-decoration: underline; }
`;

/** What a page shows. */
export interface PageContent {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

/** What a page says when it is loaded and can be told its content. Anything else that it says is a link that was taken. */
export const pageIsLoaded = 'loaded';

/**
 * Puts into the page what the extension tells it, from the beginning where that is of something else, and tells the extension which link
 * is taken. Links that run commands are VS Code's own affair.
 */
const script = `
const editor = acquireVsCodeApi();
addEventListener('message', ({ data: { title, body } }) => {
  document.querySelector('main').innerHTML = body;
  if (document.title !== title) scrollTo(0, 0);
  document.title = title;
});
addEventListener('click', (event) => {
  const href = event.target.closest('a')?.getAttribute('href');
  if (href && !href.startsWith('command:')) { event.preventDefault(); editor.postMessage(href); }
});
editor.postMessage('${pageIsLoaded}');
`;

/**
 * A document for a webview, which can load nothing and runs no script but its own. It is empty until it is told a {@link PageContent}.
 * @param nonce a random word, which lets that script run
 */
export function pageHtml(title: string, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title.replace(/[&<]/g, (c) => (c === '&' ? '&amp;' : '&lt;'))}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main></main>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}
