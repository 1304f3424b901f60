import { expect, it } from 'vitest';
import { gprCount } from '../../../server/src/check/apx/gprCount.js';
import { modelOf } from '../../engine.js';
import { emulator } from './emulator.js';
import { expectMarks, registers } from './fixture.js';

const COUNT = 'arch/x86/kvm/count.h';

it.each([
  ['#ifdef', (count: number) => [count, 8]],
  ['#ifndef', (count: number) => [8, count]],
])('finds the macro that an array and limits are made by, after %s CONFIG_X86_64', async (directive, counts) => {
  const ofCount = async (count: number) => {
    const [first, second] = counts(count).map((value) => `#define NR_EMULATOR_GPRS ${String(value)}`);
    const text = `${directive} CONFIG_X86_64\n${first ?? ''}\n#else\n${second ?? ''}\n#endif\n#define NR_OTHERS 16\n`;
    const model = await modelOf({
      ...registers(),
      ...emulator('u32', 'NR_EMULATOR_GPRS', 'if (nr >= NR_EMULATOR_GPRS) nr = 0;'),
      [COUNT]: text,
    });
    return gprCount.find(model).map(({ message, related }) => [message, related.length] as const);
  };
  expect((await ofCount(16))[0]).toEqual(['NR_EMULATOR_GPRS counts 16 GPRs; needs 32', 2]);
  expect(await ofCount(32)).toHaveLength(1);
});

it('finds the last GPR of the enum, unless that is R31', async () => {
  const found = async (last: number) => {
    const model = await modelOf(registers(last));
    return gprCount.find(model).map(({ message }) => message.replace(/ of the enum.*/, ''));
  };
  expect(await found(15)).toEqual(['VCPU_REGS_R15 is the last GPR']);
  expect(await found(23)).toEqual(['VCPU_REGS_R23 is the last GPR']);
  expect(await found(31)).toEqual([]);
});

it('says nothing of an enum that the tree does not have', () =>
  expectMarks('static int code(struct kvm_vcpu *vcpu) { return kvm_register_read(vcpu, VCPU_REGS_R15); }\n', {}));
