import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GPRS } from '../../server/src/syntax/x86/registers.js';
import { headers, read, shown, showInstruction } from './assemblyFixture.js';

/** A memory operand as it is encoded. */
interface Address {
  readonly base: number | null;
  readonly index: number | null;
  /** log2 */
  readonly scale: number;
  readonly displacement: number;
  readonly size: 0 | 1 | 4;
}

const gpr = fc.integer({ min: 0, max: 31 });

/** Any memory operand, with a displacement that is no shorter than its base allows. */
const address: fc.Arbitrary<Address> = fc
  .record({
    base: fc.option(gpr),
    index: fc.option(gpr.filter((number) => number !== 4)),
    scale: fc.integer({ min: 0, max: 3 }),
    size: fc.constantFrom<0 | 1 | 4>(0, 1, 4),
    number: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  })
  .map(({ base, index, scale, size, number }) => {
    const least = base === null ? 4 : size === 0 && (base & 7) === 5 ? 1 : size;
    const displacement = least === 0 ? 0 : least === 1 ? (number << 24) >> 24 : number;
    return { base, index, scale: index === null ? 0 : scale, displacement, size: least };
  });

/** The bytes of a move between a register and another register or memory (Intel APX specification, 3.1.2). */
function encoded(isLoad: boolean, register: number, other: number | Address, isWide: boolean): number[] {
  const [base, index] = typeof other === 'number' ? [other, 0] : [other.base ?? 5, other.index ?? 4];
  const payload =
    ((register & 16) << 2) |
    ((index & 16) << 1) |
    (base & 16) |
    (isWide ? 8 : 0) |
    ((register & 8) >> 1) |
    ((index & 8) >> 2) |
    ((base & 8) >> 3);
  const head = [0xd5, payload, isLoad ? 0x8b : 0x89];
  const reg = (register & 7) << 3;
  if (typeof other === 'number') return [...head, 0xc0 | reg | (base & 7)];
  const mode = other.base === null ? 0 : other.size === 0 ? 0 : other.size === 1 ? 1 : 2;
  const needsSib = other.index !== null || other.base === null || (base & 7) === 4;
  const modrm = (mode << 6) | reg | (needsSib ? 4 : base & 7);
  const sib = needsSib ? [(other.scale << 6) | ((index & 7) << 3) | (base & 7)] : [];
  const displacement = Array.from({ length: other.size }, (_, i) => (other.displacement >> (8 * i)) & 0xff);
  return [...head, modrm, ...sib, ...displacement];
}

const name = (number: number) => GPRS[number] ?? '';

function addressText({ base, index, scale, displacement, size }: Address): string {
  const parts = [base === null ? '' : name(base), ...(index === null ? [] : [name(index), String(1 << scale)])];
  return `${size === 0 ? '' : String(displacement)}(${parts.join(',')})`;
}

const bytes = (numbers: readonly number[]) => `.byte ${numbers.map((n) => `0x${n.toString(16)}`).join(', ')}`;

describe('moves that kernels write as bytes for assemblers without APX', () => {
  it('are what was encoded, for any registers and any address', () => {
    const registerOrMemory = fc.oneof(gpr, address);
    fc.assert(
      fc.property(fc.boolean(), gpr, registerOrMemory, fc.boolean(), (isLoad, register, place, isWide) => {
        const other = typeof place === 'number' ? name(place) : addressText(place);
        const operands = isLoad ? [other, name(register)] : [name(register), other];
        expect(shown(bytes(encoded(isLoad, register, place, isWide)))).toEqual([`mov ${operands.join(', ')}`]);
      }),
    );
  });

  it('are read one after another from one list, and across directives', () => {
    const [first, second] = [encoded(false, 16, 0, true), encoded(true, 31, 7, true)];
    const list = [...first, ...second];
    const expected = ['mov R16, RAX', 'mov RDI, R31'];
    expect(shown(bytes(list))).toEqual(expected);
    for (let at = 1; at < list.length; at++)
      expect(shown(`${bytes(list.slice(0, at))}\n${bytes(list.slice(at))}`)).toEqual(expected);
  });

  it.each([
    ['what the RFC calls _kvm_read_egpr does for R16', '.byte 0xd5, 0x48, 0x89, 0xc0', 'mov R16, RAX'],
    ['for R31', '.byte 0xd5, 0x4c, 0x89, 0xf8', 'mov R31, RAX'],
    ['and the other way for R16', '.byte 0xd5, 0x18, 0x89, 0xc0', 'mov RAX, R16'],
    ['for R31 too', '.byte 0xd5, 0x19, 0x89, 0xc7', 'mov RAX, R31'],
    ['a symbol as a byte', '.byte 0xd5, 0x48, 0x8b, 0x47, SLOT', 'mov SLOT(RDI), R16'],
    ['a sum as a long', '.byte 0xd5, 0x48, 0x89, 0x87\n.long REGS + 16 * 8', 'mov R16, REGS+128(RDI)'],
    ['a long that is negative', '.byte 0xd5, 0x48, 0x89, 0x87; .long 0xffffff80', 'mov R16, -128(RDI)'],
    ['from the instruction pointer', '.byte 0xd5, 0x48, 0x8b, 0x05; .long gprs', 'mov gprs(rip), R16'],
    ['bytes that a symbol makes', 'N = 4\n.byte 0xd5, 0x48, 0x89, 0xc0 | (N << 3)', 'mov R20, RAX'],
    ['a push, and what a hint makes PUSHP', '.byte 0xd5, 0x18, 0x54', 'push R20'],
    ['a pop', '.byte 0xd5, 0x11, 0x5f', 'pop R31'],
    ['an exchange', '.byte 0xd5, 0x48, 0x87, 0x47, 8', 'xchg R16, 8(RDI)'],
    ['the clearing of a register', '.byte 0xd5, 0x55, 0x31, 0xc0', 'xor R24, R24'],
  ])('%s', (_, text, expected) => {
    expect(shown(text)).toEqual([expected]);
  });

  it.each([
    ['an instruction of the other map', '.byte 0xd5, 0x88, 0x89, 0xc0'],
    ['an opcode that is no move', '.byte 0xd5, 0x48, 0x8d, 0x00'],
    ['bytes that run out', '.byte 0xd5, 0x48, 0x89'],
    ['bytes that run out and something else', '.byte 0xd5, 0x48, 0x89\nx: .byte 0xc0'],
    ['another prefix before it', '.byte 0x66, 0xd5, 0x48, 0x89, 0xc0'],
    ['a register number that is not known', '.byte 0xd5, 0x48, 0x89, MODRM'],
  ])('%s stays bytes', (_, text) => {
    expect(read(text).instructions.every(({ mnemonic }) => mnemonic === '.byte')).toBe(true);
  });

  it('are another instruction to a 32-bit kernel', () => {
    expect(shown('.byte 0xd5, 0x48, 0x89, 0xc0', headers([], 4))).toEqual(['.byte']);
  });

  it('never throw, whatever the bytes', () => {
    const byte = fc.oneof(fc.constantFrom('0xd5', '0x48', '0x89', 'X', '1+', '', '0x84'), fc.nat(300).map(String));
    fc.assert(
      fc.property(fc.array(fc.array(byte, { maxLength: 12 }), { maxLength: 4 }), (lists) => {
        const text = lists.map((list, i) => `${i % 2 === 0 ? '.byte' : '.long'} ${list.join(', ')}`).join('\n');
        for (const instruction of read(text).instructions) {
          expect(showInstruction(instruction)).not.toBe('');
          for (const { start, end } of [instruction, ...instruction.operands])
            expect(0 <= start && start <= end && end <= text.length).toBe(true);
        }
      }),
    );
  });
});
