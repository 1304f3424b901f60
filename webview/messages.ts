/*
 * What the page of the register map and its host, an editor, say to each other. A page in a browser has no host: it has the sections of
 * all registers and the steps of all runs from the beginning, and its links are followed.
 */

/** From the page. */
export type PageMessage =
  /** A register's section is wanted. */
  | { readonly type: 'register'; readonly register: string }
  /** The steps of a backend's run are wanted. */
  | { readonly type: 'run'; readonly backend: string }
  /** A line of the source was clicked: the URL of the link. */
  | { readonly type: 'open'; readonly url: string };

/** To the page. All HTML is the server's. */
export type HostMessage =
  /** The map anew, after an edit. */
  | { readonly type: 'map'; readonly title: string; readonly head: string; readonly body: string }
  /** The tree was edited and the map is the same: what the page has asked for may be other. */
  | { readonly type: 'edited' }
  /** A register's section; null where the tree has no such register any more. */
  | { readonly type: 'section'; readonly register: string; readonly section: string | null }
  /** The steps of a backend's run; '' where the tree has no such backend any more. */
  | { readonly type: 'run'; readonly backend: string; readonly steps: string };

/** What a page keeps while it is hidden or its window is loaded again. */
export interface PageState {
  /** `RSP`, or `RSP-vmx` for one backend's; null for none. */
  readonly selected: string | null;
  readonly filter: string;
  readonly hiddenBackends: readonly string[];
  /** How far the map is scrolled, in CSS pixels. */
  readonly scroll: number;
}
