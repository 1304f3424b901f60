import { expect, it } from 'vitest';
import { gprCount } from '../../../server/src/check/apx/gprCount.js';
import { modelOf } from '../../engine.js';
import { emulator } from './emulator.js';
import { expectMarks, registers } from './fixture.js';

const COUNT = 'arch/x86/kvm/count.h';

it('finds the macro that an array and limits are made by', async () => {
  const base = { ...registers(), ...emulator('u32', '32', 'if (nr >= NR_EMULATOR_GPRS) nr = 0;') };
  const limit = (count: number, mark: string) => ({
    [COUNT]: `#ifdef CONFIG_X86_64\n#define NR_EMULATOR_GPRS ${String(count)}${mark}\n#else\n#define NR_EMULATOR_GPRS 8\n#endif\n#define NR_OTHERS 16\n`,
  });
  const ofCount = async (count: number) => {
    const model = await modelOf({ ...base, ...limit(count, '') });
    return gprCount.find(model).map(({ file, message }) => `${file} ${message}`);
  };
  const [first = ''] = await ofCount(16);
  expect(first).toBe(`${COUNT} NR_EMULATOR_GPRS counts 16 GPRs; needs 32`);
  expect((await ofCount(32)).filter((line) => line.startsWith(COUNT))).toEqual([]);
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
