/** A place in the source that shows what is said. 1-based line. */
export interface Evidence {
  readonly file: string;
  readonly line: number;
}

/** A piece of a sentence: plain words, source text, or what is spoken of. */
export type Phrase = string | { readonly code: string } | { readonly strong: string };

/** A sentence with what shows it. */
export interface Statement {
  readonly phrases: readonly Phrase[];
  readonly evidence: readonly Evidence[];
}

/** Where a register is for one backend, and how it gets to the register cache and back. */
export interface OwnerLine {
  readonly backend: string;
  /** How it is written: `SEV-ES`. */
  readonly title: string;
  /** Holds only under this condition; null where it always does. */
  readonly when: string | null;
  readonly kept: readonly Phrase[];
  readonly steps: readonly Statement[];
}

/** The answer to a question about a place or a name. Plain data. */
export interface Explanation {
  readonly subject: {
    readonly kind:
      | 'register'
      | 'reference'
      | 'accessor'
      | 'function'
      | 'set'
      | 'operation'
      | 'assembly'
      | 'index'
      | 'state'
      | 'place'
      | 'member'
      | 'condition';
    readonly name: string;
  };
  /** The whole answer in a line. */
  readonly answer: Statement;
  readonly owners: readonly OwnerLine[];
  readonly notes: readonly Statement[];
}

export function code(text: string): Phrase {
  return { code: text };
}

export function strong(text: string): Phrase {
  return { strong: text };
}

export function statement(phrases: readonly Phrase[], evidence: readonly Evidence[] = []): Statement {
  return { phrases, evidence };
}

/** A path as kernel developers say it within KVM: without the directories that its files are in. */
export function shortPath(path: string): string {
  return path.replace(/^arch\/x86\/(?:kvm|include|kernel)\//, '');
}

/** `[vmx/vmx.c:2631]` */
export function evidenceText(evidence: Evidence): string {
  return `[${shortPath(evidence.file)}:${String(evidence.line)}]`;
}

/** Several things in a row: `a, b, c`. */
export function joinPhrases(items: readonly Phrase[], separator = ', '): Phrase[] {
  return items.flatMap((item, i) => (i === 0 ? [item] : [separator, item]));
}
