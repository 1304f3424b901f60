import type { AsmToken } from './asmToken.js';

/** The sections that code is put into (GNU as manual, "Pseudo Ops"). */
export interface SectionStack {
  /** The name of the section at this place of the text; null for the one that the file begins with. */
  readonly current: () => string | null;
  readonly push: (name: string | null) => void;
  readonly pop: () => void;
  /** Performs a directive that changes the section; false for any other directive. */
  readonly apply: (directive: string, given: readonly AsmToken[]) => boolean;
}

/** The sections at a file's beginning. */
export function sectionStack(): SectionStack {
  const sections: (string | null)[] = [null];
  const set = (name: string | null) => {
    sections[sections.length - 1] = name;
  };
  const push = (name: string | null) => void sections.push(name);
  const pop = () => {
    if (sections.length > 1) sections.pop();
  };
  return {
    current: () => sections.at(-1) ?? null,
    push,
    pop,
    apply(directive, given) {
      switch (directive) {
        case '.section':
          set(sectionName(given));
          return true;
        case '.text':
        case '.data':
          set(directive);
          return true;
        case '.pushsection':
          push(sectionName(given));
          return true;
        case '.popsection':
          pop();
          return true;
        default:
          return false;
      }
    },
  };
}

function sectionName(given: readonly AsmToken[]): string | null {
  return given.find((token) => token.kind !== 'punctuator')?.text.replaceAll('"', '') ?? null;
}
