import type { PageMessage, PageState } from './messages.js';

/** The editor that shows the page (code.visualstudio.com/api/extension-guides/webview). */
interface Host {
  readonly postMessage: (message: PageMessage) => void;
  readonly getState: () => PageState | undefined;
  readonly setState: (state: PageState) => void;
}

declare const acquireVsCodeApi: (() => Host) | undefined;

/** null in a browser. */
export const host: Host | null = typeof acquireVsCodeApi === 'undefined' ? null : acquireVsCodeApi();

const NOTHING: PageState = { selected: null, filter: '', hiddenBackends: [], scroll: 0 };

/** What the page showed when it was last there; in a browser what its address names. */
export function initialState(): PageState {
  if (host) return host.getState() ?? NOTHING;
  return { ...NOTHING, selected: location.hash.length > 1 ? location.hash.slice(1) : null };
}
