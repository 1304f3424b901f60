import { it } from 'vitest';
import { expectMarks, registers } from './fixture.js';

const bits = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => `BIT(VCPU_REGS_R${String(first + i)})`).join(' | ');

it('finds a set that names each register up to R15', () =>
  expectMarks(`#define AVAILABLE (BIT(VCPU_REGS_RAX) | ${bits(8, 15)}) /* apx/register-set: AVAILABLE */\n`));

it('leaves a set of some registers alone', () =>
  expectMarks(`#define SOME (BIT(VCPU_REGS_RSP) | ${bits(8, 14)} | BIT(VCPU_REG_CR3))\n`));

it('leaves a set alone that goes on to R31', () => expectMarks(`#define AVAILABLE (${bits(8, 31)})\n`, registers(31)));
