import { describe, expect, it } from 'vitest';
import type { XsaveTransfer } from '../../server/src/model/xsave/xsaveModel.js';
import { brief, xsaveOf } from './xsaveFixture.js';

const MSR_DATA = { 'arch/x86/kvm/msr.h': 'struct msr_data { bool host_initiated; u32 index; u64 data; };\n' };

/** `KVM_SET_MSRS`' function with a statement for the CET MSRs. */
function setMsr(
  statement: string,
  labels = 'case MSR_IA32_U_CET:\n\tcase MSR_IA32_PL0_SSP ... MSR_IA32_PL3_SSP:',
): string {
  return `
int kvm_set_msr_common(struct kvm_vcpu *vcpu, struct msr_data *msr_info)
{
	switch (msr_info->index) {
	${labels}
		${statement}
		break;
	}
	return 0;
}
`;
}

async function transfersOf(code: string): Promise<readonly XsaveTransfer[]> {
  return (await xsaveOf(code, MSR_DATA)).transfers;
}

/** What is moved from where to where: `XFEATURE_CET_USER: msr_data.data -> IA32_U_CET, PL3_SSP`. */
const moves = (transfers: readonly XsaveTransfer[]) =>
  transfers.map(({ state, from, to }) => `${state}: ${from.name} -> ${to.name}`);

describe('registers of a component that are MSRs', () => {
  const written = [
    'XFEATURE_CET_USER: msr_data.data -> IA32_U_CET, PL3_SSP',
    'IA32_PL0_SSP-PL2_SSP: msr_data.data -> IA32_PL0_SSP-PL2_SSP',
  ];

  it.each([
    ['a member', setMsr('kvm_fpu_get();\n\t\twrmsrq(msr_info->index, msr_info->data);')],
    [
      "a helper's parameter",
      `static void write_xstate_msr(struct kvm_vcpu *vcpu, u32 index, u64 *data)
{
	kvm_fpu_get();
	wrmsrl(index, *data);
	kvm_fpu_put();
}
${setMsr('write_xstate_msr(vcpu, msr_info->index, &msr_info->data);')}`,
    ],
    [
      "a helper's, which is told the direction by a constant",
      `enum { TYPE_R = BIT(0), TYPE_W = BIT(1) };
static void access(struct kvm_vcpu *vcpu, struct msr_data *msr_info, int type)
{
	if (type == TYPE_R)
		rdmsrq(msr_info->index, msr_info->data);
	else
		wrmsrq(msr_info->index, msr_info->data);
}
${setMsr('access(vcpu, msr_info, TYPE_W);')}`,
    ],
  ])('are written where the number is %s', async (_, code) => {
    expect(moves(await transfersOf(code))).toEqual(written);
  });

  it('are read by a function that returns the value, under a comparison', async () => {
    const code = `
int get(struct kvm_vcpu *vcpu, struct msr_data *msr_info)
{
	if (msr_info->index == MSR_IA32_U_CET)
		msr_info->data = rdmsrq(msr_info->index);
	return 0;
}
`;
    expect(moves(await transfersOf(code))).toEqual(['XFEATURE_CET_USER: IA32_U_CET, PL3_SSP -> msr_data.data']);
  });

  it('are none where the number is of another MSR', async () => {
    const statement = 'wrmsrq(msr_info->index, msr_info->data);';
    expect(await transfersOf(setMsr(statement, 'case MSR_IA32_S_CET:'))).toEqual([]);
    expect(await transfersOf(setMsr(statement, 'case MSR_AMD64_DE_CFG:'))).toEqual([]);
  });
});

describe('what userspace and what the guest writes', () => {
  const initiators = async (statement: string) => {
    const [only] = await transfersOf(setMsr(statement, 'case MSR_IA32_XSS:'));
    return only && [only.side, only.phase, only.initiators];
  };
  const WRITE = 'vcpu->arch.ia32_xss = msr_info->data;';

  it('is told apart by tests of host_initiated', async () => {
    expect(await initiators(WRITE)).toEqual(['userspace', 'ioctl', ['userspace', 'guest']]);
    expect(await initiators(`if (msr_info->host_initiated)\n\t\t\t${WRITE}`)).toEqual([
      'userspace',
      'ioctl',
      ['userspace'],
    ]);
    expect(await initiators(`if (!msr_info->host_initiated)\n\t\t\t${WRITE}`)).toEqual(['guest', 'vm-exit', ['guest']]);
    expect(await initiators(`if (msr_info->host_initiated)\n\t\t\treturn 1;\n\t\t${WRITE}`)).toEqual([
      'guest',
      'vm-exit',
      ['guest'],
    ]);
    expect(await initiators(`if (!msr_info->host_initiated && !has_xss(vcpu))\n\t\t\treturn 1;\n\t\t${WRITE}`)).toEqual(
      ['userspace', 'ioctl', ['userspace', 'guest']],
    );
  });
});

describe("the emulator's XCR0", () => {
  it('is got and set by its operations, whatever their functions are called', async () => {
    const transfers = await transfersOf(`
static int set(struct kvm_vcpu *vcpu, u32 index, u64 xcr)
{
	vcpu->arch.xcr0 = xcr;
	return 0;
}
static int emul_get(struct x86_emulate_ctxt *ctxt, u32 index, u64 *xcr)
{
	struct kvm_vcpu *vcpu = to_vcpu(ctxt);

	*xcr = vcpu->arch.xcr0;
	return 0;
}
static int emul_set(struct x86_emulate_ctxt *ctxt, u32 index, u64 xcr)
{
	struct kvm_vcpu *vcpu = to_vcpu(ctxt);

	return set(vcpu, index, xcr);
}
static const struct x86_emulate_ops ops = { .get_xcr = emul_get, .set_xcr = emul_set };
`);
    expect(transfers.map(brief)).toEqual([
      'emulation guest XCR0: arch.xcr0 -> x86_emulate_ops.get_xcr in emul_get',
      'emulation guest XCR0: x86_emulate_ops.set_xcr -> arch.xcr0 in set',
    ]);
  });
});

describe("IA32_XSS at reset, by KVM's own write of the guest's MSR", () => {
  it.each([
    'kvm_msr_write(vcpu, MSR_IA32_XSS, 0);',
    '__kvm_set_msr(vcpu, MSR_IA32_XSS, 0, true);',
    'u32 msr = MSR_IA32_XSS;\n\n\tkvm_msr_write(vcpu, msr, 0);',
    'struct msr_data msr = { .index = MSR_IA32_XSS, .data = 0, .host_initiated = true };\n\n\tkvm_set_msr(vcpu, &msr);',
    'struct msr_data msr;\n\n\tmsr.index = MSR_IA32_XSS;\n\tmsr.data = 0;\n\tmsr.host_initiated = true;\n\tkvm_set_msr(vcpu, &msr);',
  ])('%s', async (statement) => {
    const { settings } = await xsaveOf(
      `void kvm_vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)\n{\n\t${statement}\n}\n`,
      MSR_DATA,
    );
    expect(settings.map(({ state, to, other, side }) => [state, to.name, other, side])).toEqual([
      ['XSS', 'arch.ia32_xss', '0', 'guest'],
    ]);
  });
});
