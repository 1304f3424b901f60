import { fileOffset } from '../../model/callGraph.js';
import type { Finding, Rule } from '../finding.js';
import { isInverted, setUses, type SetUse } from './lazySets.js';
import { wordAt } from './spans.js';
import { type TrackedCode, trackedCode } from './trackedCode.js';

const id = 'tracking/set-inverted';

/** A set of registers that is cleared the wrong way round. */
export const SET_INVERTED: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A set of registers is cleared from the avail bits the wrong way round.',
  why: 'A set that names what is loaded on demand has to be cleared (`regs_avail &= ~SET`), one that names what stays available has to be kept. Inverted, lazy registers keep old values, and eager ones are asked for that no callback can fetch.',
  exemptions: [
    'A set that names what stays available, as TDX has it: it is kept, and all others are cleared.',
    'Assignments that clear nothing (`|=`).',
  ],
  find: (model) => {
    const code = trackedCode(model);
    const uses = setUses(code);
    const inverted = uses.filter((use) => isInverted(code, use));
    // Where every use by way of one function is inverted, it is that function that is wrong.
    const isWhole = ({ by }: SetUse) =>
      by !== null && uses.filter((use) => use.by === by).every((use) => inverted.includes(use));
    const wrong = new Set(inverted.filter(isWhole).flatMap(({ by }) => by ?? []));
    const several = [...wrong].filter((by) => uses.filter((use) => use.by === by).length > 1);
    return [
      ...several.map(({ fn, offset }): Finding => ({
        rule: id,
        file: fn.file,
        span: wordOf(code, fn.file, fileOffset(fn.node, offset)),
        message: `${fn.node.name} clears the avail bits the wrong way round: what its callers name stays available, and all others are cleared`,
        related: inverted
          .filter(({ by }) => by?.fn === fn)
          .map((use) => ({ file: use.fn.file, span: use.span, message: 'a set that it is given' })),
      })),
      ...inverted.filter(({ by }) => by === null || !several.includes(by)).map((use) => finding(use)),
    ];
  },
};

/** A mask's first word, behind a `~`. */
function wordOf(code: TrackedCode, file: string, offset: number) {
  const text = code.model.files.get(file)?.source.text ?? '';
  const skip = /^[~(\s]*/.exec(text.slice(offset, offset + 20))?.[0].length ?? 0;
  return wordAt(code.model, file, offset + skip);
}

function finding({ fn, span, set, cleared }: SetUse): Finding {
  const name = set?.name ?? 'The mask';
  const message =
    cleared === 'others'
      ? `${name} names what is loaded on demand, but here all others are made unavailable: the mask is the wrong way round`
      : `${name} names what stays available, but here just that is made unavailable: the mask is the wrong way round`;
  const defined = set
    ? [{ file: set.file, span: { start: set.offset, end: set.offset + set.name.length }, message: 'the set' }]
    : [];
  return { rule: id, file: fn.file, span: { start: span.start, end: span.end }, message, related: defined };
}
