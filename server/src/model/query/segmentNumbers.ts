import { SEGMENTS } from '../../backends/saveArea.js';
import { memoizeByIdentity } from '../../cache/memoize.js';
import type { Register, RegisterModel } from '../registerModel.js';
import { sourceOf, type FileSpan } from './text.js';

/** An enumerator that is the number of a segment register: `VCPU_SREG_CS`. */
export interface SegmentNumber {
  /** As the manuals call it: `CS`. */
  readonly segment: string;
  readonly number: number;
  readonly declared: FileSpan;
  /** The enum's register that stands for all segments; null where it has none. */
  readonly register: Register | null;
  /** What is done with it there; null for what is not told. */
  readonly use: SegmentUse | null;
}

/** What is done with a segment's number: it is handed to a function, picks an element, is compared, assigned, or a case. `other`: the function, the array, the other side, as written; '' for a case. */
export interface SegmentUse {
  readonly kind: 'handed' | 'element' | 'compared' | 'assigned' | 'case';
  readonly other: string;
}

/** The segment's number that a word of a file is; null for any other word. */
export function segmentNumberAt(
  model: RegisterModel,
  path: string,
  offset: number,
  name: string,
): SegmentNumber | null {
  const found = segmentNumbers(model).get(name);
  if (!found) return null;
  const text = sourceOf(model, path)?.text ?? '';
  return {
    ...found,
    register: model.registers.find(({ register }) => register === 'SEGMENTS') ?? null,
    use: useIn(text.slice(Math.max(0, offset - LONGEST_CALL), offset), text.slice(offset + name.length)),
  };
}

/** The segment whose number a text is; null for any other text. */
export function segmentOfNumber(model: RegisterModel, text: string): string | null {
  return segmentNumbers(model).get(text)?.segment ?? null;
}

function useIn(before: string, after: string): SegmentUse | null {
  for (const [kind, pattern] of USES) {
    const found = pattern.exec(before);
    if (found) return { kind, other: found[1] ?? '' };
  }
  const right = /^\s*[=!]=\s*([\w>.-]+)/.exec(after.slice(0, LONGEST_CALL))?.[1];
  return right === undefined ? null : { kind: 'compared', other: right };
}

/** Characters of a call before one of its arguments. */
const LONGEST_CALL = 160;

/** What may stand before a number that is used, as the kernel writes it. */
const USES: readonly (readonly [SegmentUse['kind'], RegExp])[] = [
  ['case', /\bcase\s+$/],
  ['element', /(?<![\w.>-])([\w.>-]+)\[$/],
  ['compared', /(?<![\w.>-])([\w.>-]+)\s*(?:[=!]=|<=?|>=?)\s*$/],
  ['assigned', /(?<![\w.>-])([\w.>-]+)\s*=\s*$/],
  // A call's name and its arguments so far, none of them a call.
  ['handed', /\b(?!(?:if|while|switch|return)\b)(\w+)\((?:[^(){};]*,)?\s*$/],
];

/** The enumerators of the enum that has all segment registers under names with one prefix. */
const segmentNumbers = memoizeByIdentity(
  ({ files }: RegisterModel): ReadonlyMap<string, Pick<SegmentNumber, 'segment' | 'number' | 'declared'>> => {
    for (const { source } of files.values()) {
      for (const { index, 0: text, 1: body = '' } of source.text.matchAll(/\benum\s*(?:\w+\s*)?\{([^{}]*)\}/g)) {
        const members = Array.from(body.matchAll(/\b([A-Z]\w*_)([A-Z]+)\s*(?:,|$)/g));
        const isOfSegments =
          members.length === SEGMENTS.length && members.every(([, , segment = '']) => SEGMENTS.includes(segment));
        if (!isOfSegments) continue;
        const start = index + text.indexOf(body);
        return new Map(
          members.map((member, number) => {
            const [, prefix = '', segment = ''] = member;
            const at = start + member.index;
            return [
              `${prefix}${segment}`,
              { segment, number, declared: { file: source.path, start: at, end: at + prefix.length + segment.length } },
            ];
          }),
        );
      }
    }
    return new Map();
  },
);
