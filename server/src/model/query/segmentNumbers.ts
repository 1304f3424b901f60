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
  /** The function that it is handed to; null where it is used in any other way. */
  readonly callee: string | null;
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
  const before = sourceOf(model, path)?.text.slice(Math.max(0, offset - LONGEST_CALL), offset) ?? '';
  return {
    ...found,
    register: model.registers.find(({ register }) => register === 'SEGMENTS') ?? null,
    callee: CALL.exec(before)?.[1] ?? null,
  };
}

/** Characters of a call before one of its arguments. */
const LONGEST_CALL = 160;

/** A call's name and its arguments so far, none of them a call. */
const CALL = /\b(\w+)\((?:[^(){};]*,)?\s*$/;

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
