/** `[vmx/vmx.c:2631]` in an explanation: what it is about, where it stands in the text. */
export interface EvidenceLink {
  /** Offsets of the text between the brackets. */
  readonly start: number;
  readonly end: number;
  /** As written: without the directories that all of KVM is in. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** Every file and line that an explanation's text names. */
export function evidenceLinks(text: string): EvidenceLink[] {
  return [...text.matchAll(/\[([^\s[\]:]+\.[chS]):(\d+)\]/g)].map((match) => ({
    start: match.index + 1,
    end: match.index + match[0].length - 1,
    path: match[1] ?? '',
    line: Number(match[2]),
  }));
}

/** Where a path of an explanation may lie, relative to the tree's root, whole or a part; the first that exists is it. */
export function evidencePaths(path: string): string[] {
  const whole = [path, `arch/x86/kvm/${path}`, `arch/x86/include/${path}`];
  return [...whole, ...whole.map((full) => full.replace(/^arch\//, '')), `kvm/${path}`, `include/${path}`];
}
