import { numbersOf } from '../../model/query/registerNumbers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Finding, type Rule } from '../finding.js';
import { distinctPlaces, numberTrail } from './numberTrail.js';

const ID = 'apx/decoder';

/** Decoders of instructions that know REX and not REX2. */
export const decoder: Rule = {
  id: ID,
  family: 'apx',
  severity: 'info',
  title: "An instruction decoder makes a GPR's number of three bits and one of the REX prefix.",
  why:
    'The REX2 prefix (0xd5, APX specification 3.1.1) gives bit 4 of the numbers in ModRM, SIB and the opcode as well as bit 3. Without it an ' +
    'instruction that uses R16-R31 is decoded as another one, or with another register.',
  exemptions: [
    'The three bits in ModRM, SIB and the opcode themselves, which REX2 does not change.',
    'VEX, which has one bit for a register by its definition.',
    'Byte registers without a prefix: AH, CH, DH and BH.',
  ],
  task: 'REX2, which has bit 4 of register numbers',
  find: (model) => {
    const bits = prefixBits(model);
    return bits.length > 0 ? [...bits, ...prefixFindings(model)] : [];
  },
};

function prefixBits(model: RegisterModel): Finding[] {
  const trail = numberTrail(model);
  const found = new Map<string, Finding>();
  for (const flow of numbersOf(model, 'flows')) {
    for (const { start, end, text, isPrefixBit } of flow.truncations) {
      if (!isPrefixBit) continue;
      const key = `${flow.file} ${String(start)}`;
      const message = `bit 3 of a GPR's number (${text}), and nothing gives bit 4: RAX-R15 only; R16-R31 need REX2's bit`;
      const at = { file: flow.file, start, end };
      const related = distinctPlaces([...(found.get(key)?.related ?? []), ...trail(flow)], at);
      found.set(key, finding(ID, at, message, related));
    }
  }
  return [...found.values()];
}

function prefixFindings(model: RegisterModel): Finding[] {
  return numbersOf(model, 'prefixes').map((prefix) =>
    finding(
      ID,
      prefix,
      `REX (0x40-0x4f), with one bit for a register, is taken into ${prefix.member}; R16-R31 need REX2 (0xd5), with two`,
    ),
  );
}
