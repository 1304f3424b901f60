import type { Truncation } from '../../facts/regnum/truncations.js';
import type { NumberFlow } from '../../facts/regnum/functionNumbers.js';
import { holdsNumber, membersForRegisters, numbersOf, type InFile } from '../../model/query/registerNumbers.js';
import { macroNamed, macroSpan } from '../../model/query/cSymbols.js';
import type { FileSpan } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type RelatedPlace, type Rule } from '../finding.js';
import { distinctPlaces, numberTrail } from './numberTrail.js';

const ID = 'apx/narrow-index';

/** Bits of a GPR's number without APX. */
const OLD_BITS = 4;

const NEEDED = 'RAX-R15 only; R16-R31 need a fifth bit';

/** Four-bit numbers of registers. */
export const narrowIndex: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: 'A GPR is read or written by a number that was cut to four bits.',
  why:
    'With APX a register number has five bits. VMX reports them in bits 12:8 of the exit qualification for MOV to and from CR and DR, and in the ' +
    '64-bit VMCS field of extended instruction information instead of the 32-bit one. SVM has defined four bits, 3:0 of EXITINFO1.',
  exemptions: [
    'A number that is not used as a GPR index, directly or through variables, members, parameters and results: control and debug registers, segments, types.',
    'A four-bit field beside a wider one for the same number, as for CPUs without APX.',
  ],
  task: 'a fifth bit for register numbers',
  find: (model) => [...cutFindings(model), ...bitFields(model)],
};

interface Cut {
  readonly cut: Truncation;
  readonly flow: InFile<NumberFlow>;
}

function cutFindings(model: RegisterModel): Finding[] {
  const trail = numberTrail(model);
  const places = new Map<string, { readonly at: FileSpan; readonly cuts: Cut[] }>();
  for (const flow of numbersOf(model, 'flows')) {
    for (const cut of flow.truncations) {
      if (cut.isPrefixBit) continue;
      const macro = cut.macro === null ? null : macroNamed(model, cut.macro);
      const at = macro ? macroSpan(macro) : { file: flow.file, start: cut.start, end: cut.end };
      const key = `${at.file} ${String(at.start)}`;
      const known = places.get(key) ?? { at, cuts: [] };
      places.set(key, known);
      known.cuts.push({ cut, flow });
    }
  }
  return [...places.values()].flatMap(({ at, cuts }) => {
    const [first] = cuts;
    if (!first) return [];
    const macros = cuts.flatMap(({ cut, flow }) => (cut.macro === null ? [] : [cutPlace(cut, flow.file)]));
    const related = distinctPlaces([...macros, ...cuts.flatMap(({ flow }) => trail(flow))], at);
    return [finding(ID, at, cutMessage(first.cut), related)];
  });
}

function cutPlace({ start, end, macro }: Truncation, file: string): RelatedPlace {
  return relatedPlace({ file, start, end }, `cut by ${macro ?? ''}`);
}

function cutMessage({ text, field }: Truncation): string {
  const where = field ? `bits ${String(field.high)}:${String(field.low)} of ${field.of}` : text;
  return `4-bit GPR number (${where}): ${NEEDED}`;
}

/** `u32 reg : 4;` */
function bitFields(model: RegisterModel): Finding[] {
  return membersForRegisters(model)
    .filter(({ link, bits }) => bits === OLD_BITS && holdsNumber(model, link))
    .map((member) => finding(ID, member, `4-bit GPR number (bit-field ${member.link}): ${NEEDED}`));
}
