import type { NumberCut } from '../../facts/regnum/truncations.js';
import type { NumberFlow } from '../../facts/regnum/functionNumbers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, RelatedPlace, Rule } from '../finding.js';
import { numbersOf, membersOf, type InFile } from './narrowFiles.js';
import { distinct, numberTrail } from './registerNumbers.js';

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
  find: (model) => [...cutFindings(model), ...bitFields(model)],
};

interface Cut {
  readonly cut: NumberCut;
  readonly flow: InFile<NumberFlow>;
}

function cutFindings(model: RegisterModel): Finding[] {
  const trail = numberTrail(model);
  const places = new Map<string, { readonly at: Pick<Finding, 'file' | 'span'>; readonly cuts: Cut[] }>();
  for (const flow of numbersOf(model, 'flows')) {
    for (const cut of flow.cuts) {
      if (cut.isPrefixBit) continue;
      const at = macroPlace(model, cut.macro) ?? { file: flow.file, span: { start: cut.start, end: cut.end } };
      const key = `${at.file} ${String(at.span.start)}`;
      const known = places.get(key) ?? { at, cuts: [] };
      places.set(key, known);
      known.cuts.push({ cut, flow });
    }
  }
  return [...places.values()].flatMap(({ at, cuts }) => {
    const [first] = cuts;
    if (!first) return [];
    const macros = cuts.flatMap(({ cut, flow }) => (cut.macro === null ? [] : [cutPlace(cut, flow.file)]));
    const related = distinct([...macros, ...cuts.flatMap(({ flow }) => trail(flow))], at);
    return [{ rule: ID, ...at, message: cutMessage(first.cut), related }];
  });
}

function cutPlace({ start, end, macro }: NumberCut, file: string): RelatedPlace {
  return { file, span: { start, end }, message: `cut by ${macro ?? ''}` };
}

function macroPlace(model: RegisterModel, name: string | null): Pick<Finding, 'file' | 'span'> | null {
  const macro = name === null ? undefined : model.symbols.macros.get(name);
  if (!macro) return null;
  const { nameStart: start, name: text } = macro.definition;
  return { file: macro.file, span: { start, end: start + text.length } };
}

function cutMessage({ text, field }: NumberCut): string {
  const where = field ? `bits ${String(field.high)}:${String(field.low)} of ${field.of}` : text;
  return `4-bit GPR number (${where}): ${NEEDED}`;
}

/** `u32 reg : 4;` */
function bitFields(model: RegisterModel): Finding[] {
  return membersOf(model)
    .filter(({ link, bits }) => bits === OLD_BITS && model.numbers().carriers.links.has(link))
    .map(({ file, start, end, link }) => ({
      rule: ID,
      file,
      span: { start, end },
      message: `4-bit GPR number (bit-field ${link}): ${NEEDED}`,
      related: [],
    }));
}
