/** What a link of a page leads to. */
export interface PageLink {
  /** Relative to the tree's root, with '/'. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** The file and line of a link's target, `arch/x86/kvm/x86.c#L12`; null for another, and for one that leads out of the tree. */
export function pageLink(href: unknown): PageLink | null {
  const match = typeof href === 'string' ? /^([^#?:]+\.[chS])#L(\d+)$/.exec(href) : null;
  const path = decodeURIComponent(match?.[1] ?? '');
  const line = Number(match?.[2]);
  return match === null || line < 1 || path.startsWith('/') || path.split('/').includes('..') ? null : { path, line };
}
