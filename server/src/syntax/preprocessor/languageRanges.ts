import type { Conditionals } from './conditionals.js';
import type { Span } from '../text/sourceText.js';

/** Tells of offsets whether only one of the two languages that the preprocessor serves sees what stands there. */
export interface LanguageRanges {
  readonly isForC: (offset: number) => boolean;
  readonly isForAssembly: (offset: number) => boolean;
}

/** The assembler reads the text, not the C compiler (GCC's cpp manual, "Standard Predefined Macros"; the kernel's older name). */
const LANGUAGE = /__ASSEMBL(?:ER|Y)__/;

/** Which parts of a text stand in an `#if` that asks for the language. */
export function seenByOneLanguage(text: string, { conditionals }: Conditionals): LanguageRanges {
  const asking = LANGUAGE.test(text) ? conditionals.flatMap((each) => branchesByLanguage(text, each)) : [];
  return {
    isForC: isIn(asking.flatMap(({ c }) => c)),
    isForAssembly: isIn(asking.flatMap(({ assembly }) => assembly)),
  };
}

function branchesByLanguage(
  text: string,
  { start, branches }: Conditionals['conditionals'][number],
): { readonly c: readonly Span[]; readonly assembly: readonly Span[] }[] {
  const opening = text.slice(start, branches[0]?.start);
  const [directive, kind] = /^#[ \t]*(ifdef|ifndef|if)\b/.exec(opening) ?? [];
  if (directive === undefined || !LANGUAGE.test(opening)) return [];
  const [first, others] = [branches.slice(0, 1), branches.slice(1)];
  const condition = opening.slice(directive.length).trim();
  // `#if defined(__ASSEMBLER__) || ...` may hold for C too.
  if (condition.includes('||')) return [{ c: [], assembly: isReserved(condition) ? first : [] }];
  const isFirstForC = kind === 'ifndef' || condition.startsWith('!');
  // Where more is asked, the other branches are both languages'.
  const rest = condition.includes('&&') ? [] : others;
  return [isFirstForC ? { c: first, assembly: rest } : { c: rest, assembly: first }];
}

/** Whether all that a condition asks for are names that a compiler's command line defines, none that kernel code has. */
function isReserved(condition: string): boolean {
  return condition
    .split('||')
    .every((part) => /^\s*defined\s*(?:\(\s*)?__(?!KERNEL__)[A-Z_]+\s*(?:\)\s*)?$/.test(part));
}

function isIn(ranges: readonly Span[]): (offset: number) => boolean {
  return (offset) => ranges.some((range) => range.start <= offset && offset < range.end);
}
