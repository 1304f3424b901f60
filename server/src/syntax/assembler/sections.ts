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
  const entered: Entered[] = [{ current: null, previous: null }];
  const top = () => entered.at(-1) ?? { current: null, previous: null };
  const enter = (current: string | null) => ({ current, previous: top().current });
  const set = (section: Entered) => void entered.splice(-1, 1, section);
  const push = (name: string | null) => void entered.push(enter(name));
  const pop = () => {
    if (entered.length > 1) entered.pop();
  };
  return {
    current: () => top().current,
    push,
    pop,
    apply(directive, given) {
      switch (directive) {
        case '.section':
          set(enter(sectionName(given)));
          return true;
        case '.text':
        case '.data':
        case '.bss':
          set(enter(directive));
          return true;
        case '.previous':
          set({ current: top().previous, previous: top().current });
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

/** The section that code is put into, and the one before it, which `.previous` goes back to. */
interface Entered {
  readonly current: string | null;
  readonly previous: string | null;
}

function sectionName(given: readonly AsmToken[]): string | null {
  return given.find((token) => token.kind !== 'punctuator')?.text.replaceAll('"', '') ?? null;
}
