import type { Span } from '../text/sourceText.js';

/** A stretch of an assembly file that has a beginning and an end of its own. */
export interface AssemblyRegion extends Span {
  readonly kind: 'function' | 'data' | 'macro' | 'conditional' | 'repetition';
  /** What it defines; null for one that defines nothing. */
  readonly name: Span | null;
}

/** How a kind of region begins and ends, each at the start of a line (include/linux/linkage.h; GNU as manual, chapter 7). */
const FORMS: readonly { readonly kind: AssemblyRegion['kind']; readonly begins: RegExp; readonly ends: RegExp }[] = [
  {
    kind: 'function',
    begins: /^\s*(?:SYM_(?:TYPED_)?(?:FUNC|CODE)_START\w*|ENTRY)\s*\(\s*([\w.$]+)/,
    ends: /^\s*(?:SYM_(?:FUNC|CODE)_END|END|ENDPROC)\s*\(/,
  },
  { kind: 'data', begins: /^\s*SYM_DATA_START\w*\s*\(\s*([\w.$]+)/, ends: /^\s*SYM_DATA_END\w*\s*\(/ },
  { kind: 'macro', begins: /^\s*\.macro\s+([\w.$]+)/, ends: /^\s*\.endm\b/ },
  { kind: 'conditional', begins: /^\s*(?:#\s*if|\.if)\w*/, ends: /^\s*(?:#\s*endif|\.endif)\b/ },
  { kind: 'repetition', begins: /^\s*\.(?:irpc?|rept)\b/, ends: /^\s*\.endr\b/ },
];

/** The regions of an assembly file, in the order of their beginnings; one that does not end is left out. */
export function assemblyOutline(text: string): AssemblyRegion[] {
  const found: AssemblyRegion[] = [];
  const open: { readonly form: (typeof FORMS)[number]; readonly start: number; readonly name: Span | null }[] = [];
  let offset = 0;
  for (const line of withoutComments(text).split('\n')) {
    const begun = FORMS.map((form) => ({ form, match: form.begins.exec(line) })).find(({ match }) => match);
    const ended = FORMS.find(({ ends }) => ends.test(line));
    if (begun?.match) {
      const [whole, written] = begun.match;
      const name =
        written === undefined ? null : { start: offset + whole.length - written.length, end: offset + whole.length };
      open.push({ form: begun.form, start: offset + line.length - line.trimStart().length, name });
    } else if (ended) {
      const index = open.findLastIndex(({ form }) => form === ended);
      const [region] = index < 0 ? [] : open.splice(index); // what is open inside of it has no end
      if (region)
        found.push({ kind: ended.kind, name: region.name, start: region.start, end: offset + line.trimEnd().length });
    }
    offset += line.length + 1;
  }
  return found.sort((a, b) => a.start - b.start);
}

/** With as many blanks in the place of each comment. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ' '));
}
