import { describe, expect, it } from 'vitest';
import { brief, runWith, xsaveOf } from './xsaveFixture.js';

describe('FPU state of older trees', () => {
  it('is not moved where its format is written into the header', async () => {
    const { transfers } = await xsaveOf(
      `
static void format(struct kvm_vcpu *vcpu)
{
	vcpu->arch.guest_fpu.fpstate->regs.xsave_hdr.xcomp_bv = host_xcr0 | COMPACTED;
}
${runWith('format(vcpu);', '')}`,
    );
    expect(transfers.map(brief)).toEqual([]);
  });

  const CORE = {
    'arch/x86/kernel/fpu/core.c': `
void core_save(struct fpstate *fpstate)
{
	asm volatile("xsave64 %0" : : "m" (fpstate->regs));
}
`,
  };
  const put = (others: string) => `
static void put(struct kvm_vcpu *vcpu)
{
	core_save(vcpu->arch.guest_fpu.fpstate);
}
static void arch_put(struct kvm_vcpu *vcpu)
{
	put(vcpu);
}
static void leave(struct kvm_vcpu *vcpu)
{
	arch_put(vcpu);
}
int kvm_arch_vcpu_setup(struct kvm_vcpu *vcpu)
{
	leave(vcpu);
	return 0;
}
${others}`;

  it('is saved at reset where only a reset does so', async () => {
    const { transfers } = await xsaveOf(put(''), CORE);
    expect(transfers.map(({ phase, to }) => [phase, to.name])).toEqual([['reset', 'arch.guest_fpu']]);
  });

  it('is no part of a reset where ioctls need the same', async () => {
    const ioctl = 'int get(struct kvm_vcpu *vcpu, struct kvm_regs *regs)\n{\n\tleave(vcpu);\n\treturn 0;\n}\n';
    const { transfers } = await xsaveOf(put(ioctl), CORE);
    expect(transfers.map(({ phase, to }) => [phase, to.name])).toEqual([['other', 'arch.guest_fpu']]);
  });
});
