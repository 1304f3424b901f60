import { referencesIn, type Reference } from '../../model/query/references.js';
import { linkName, numbersOf } from '../../model/query/registerNumbers.js';
import { enumMembers, memberNamed } from '../../model/query/registers.js';
import { pathsOf, sourceOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, relatedPlace, type Finding, type Rule } from '../finding.js';
import { FULL_COUNT } from './counts.js';
import { narrowMasks } from './narrowMask.js';
import { enumGprs, missingGprs } from './registerEnum.js';

const ID = 'apx/narrow-shift';

/** Bits of an `int`, which `1 << n` is. */
const INT_BITS = 32;

/** Registers' bits that a mask or an int does not have. */
export const narrowShift: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: "A register's bit is shifted out of the mask that it is for, or out of an int.",
  why: 'A mask of 16 bits has none for R16-R31; one of 32 has theirs, and none for the special registers behind them. `1 << nr` is an int. R16-R31 before the other members of the enum move those to numbers from 32 on, where the shift is undefined; BIT() shifts a long.',
  exemptions: [
    "A shift by a number that is not a GPR's.",
    "`BIT()` and `1UL <<`, and `1 << nr` for a mask of 32 bits: a GPR's number is below 32.",
  ],
  task: "registers' bits that their masks have",
  find: (model) => [...bitFindings(model), ...pathsOf(model).flatMap((path) => constants(model, path))],
};

function bitFindings(model: RegisterModel): Finding[] {
  const masks = new Map(narrowMasks(model).map((mask) => [mask.link, mask]));
  return numbersOf(model, 'bits').flatMap((bit) => {
    const mask = masks.get(bit.mask);
    if (!mask) return [];
    const message = `\`${bit.text}\` is the bit of a ${whatLacksOne(model, linkName(bit.mask), mask.bits)}`;
    return [finding(ID, bit, message, [relatedPlace(mask, `the mask, ${mask.type}`)])];
  });
}

/** What a bit is of, and which registers have none in the mask: R16-R31, or those whose numbers they move past its end. */
function whatLacksOne(model: RegisterModel, mask: string, bits: number | null): string {
  if (bits === null || bits < FULL_COUNT) return `GPR in ${mask}, which has ${String(bits)}: none for R16-R31`;
  const moved = enumMembers(model).filter(
    ({ role, class: kind, index }) =>
      role === 'register' && kind !== 'gpr' && index !== null && index + missingGprs(model) >= bits,
  );
  return `register in ${mask}, which has ${String(bits)}: with R16-R31 none for ${moved.map(({ register }) => register).join(', ')}`;
}

/** `(1 << VCPU_EXREG_CR3) | ...`: one finding for each such expression. */
function constants(model: RegisterModel, file: string): Finding[] {
  const text = sourceOf(model, file)?.text ?? '';
  const missing = missingGprs(model);
  const lastGpr = enumGprs(model).at(-1)?.index ?? 0;
  const beyond = referencesIn(model, file).flatMap((reference) => {
    const index = memberNamed(model, reference.register)?.index ?? null;
    if (reference.kind !== 'mask' || index === null || !isIntShift(text, reference)) return [];
    const moved = index > lastGpr ? index + missing : index;
    return moved < INT_BITS ? [] : [{ reference, moved }];
  });
  const first = beyond.filter(({ reference }, i) => {
    const before = beyond[i - 1]?.reference;
    return !before || !isOneExpression(text.slice(before.end, reference.start));
  });
  return first.map(({ reference, moved }) => {
    const message = `\`1 << ${reference.via}\` is an int, and R16-R31 make this number ${String(moved)}; needs BIT()`;
    return finding(ID, { ...reference, file }, message);
  });
}

function isIntShift(text: string, { start }: Reference): boolean {
  return /\b1[uU]?\s*<<\s*(?:\(\s*)?$/.test(text.slice(Math.max(0, start - 20), start));
}

/** Whether the text between two registers keeps them in one expression: neither a statement nor a directive comes between. */
function isOneExpression(between: string): boolean {
  return !/[;{}#]/.test(between);
}
