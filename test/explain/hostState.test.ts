import { describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { modelOfTree } from '../engine.js';
import { CODE } from '../facts/fixture.js';
import { describeKernels } from '../kernels.js';
import { modelWithXsave, runWith } from '../model/xsaveFixture.js';

const FPU_CORE = 'arch/x86/kernel/fpu/core.c';

/** The hover on the last word of a piece of a file's text, as one line; '' for none. */
function hoverOn(model: RegisterModel, path: string, piece: string): string {
  const text = model.files.get(path)?.source.text ?? '';
  const start = text.indexOf(piece);
  expect(start, `${piece} in ${path}`).toBeGreaterThanOrEqual(0);
  const found = explainAt(model, path, start + piece.search(/\w+\W*$/));
  return found ? explanationText(found.explanation).replace(/\s+/g, ' ') : '';
}

/** What is said first, up to the first note. */
function firstLine(model: RegisterModel, path: string, piece: string): string {
  const text = model.files.get(path)?.source.text ?? '';
  const found = explainAt(model, path, text.indexOf(piece) + piece.search(/\w+\W*$/));
  return found
    ? (
        explanationText({ ...found.explanation, owners: [], notes: [] })
          .replace(/\s+/g, ' ')
          .split(' [')[0] ?? ''
      ).trim()
    : '';
}

const SWITCHES = `
static void load(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.guest_state_protected)
		return;
	xsetbv(0, vcpu->arch.xcr0);
	write_pkru(vcpu->arch.pkru);
	if (vcpu->arch.guest_fpu.xfd_err)
		wrmsrl(MSR_IA32_XFD_ERR, vcpu->arch.guest_fpu.xfd_err);
}
static void put(struct kvm_vcpu *vcpu)
{
	vcpu->arch.pkru = read_pkru();
	write_pkru(vcpu->arch.host_pkru);
	xsetbv(0, kvm_host.xcr0);
}
void kvm_arch_vcpu_load(struct kvm_vcpu *vcpu)
{
	vcpu->arch.host_pkru = read_pkru();
}
void setup(struct kvm_vcpu *vcpu)
{
	kvm_host.xcr0 = xgetbv(0);
}
`;

const CORE = `
static inline void os_xsave(struct fpstate *fpstate)
{
	asm volatile("xsave %0" : : "m" (fpstate->regs));
}
void switch_fpu_tasks(struct fpu *old)
{
	os_xsave(old->fpstate);
}
void init_this_cpu(void)
{
	wrmsrl(MSR_IA32_XSS, mask_supervisor());
}
`;

const model = () => modelWithXsave(SWITCHES + runWith('load(vcpu);', 'put(vcpu);'), { [FPU_CORE]: CORE });

describe("host state is the host's", () => {
  it.each([
    ['xsetbv(0, kvm_host.xcr0', "XCR0: the host's value, kvm_host.xcr0, not the guest's"],
    ['kvm_host.xcr0', "XCR0: the host's value, kvm_host.xcr0, not the guest's"],
    ['write_pkru(vcpu->arch.host_pkru', "PKRU: the host's value, arch.host_pkru, not the guest's"],
    ['\tvcpu->arch.host_pkru', "PKRU: the host's value, arch.host_pkru, not the guest's"],
  ])('%s', async (piece, said) => {
    expect(firstLine(await model(), CODE, piece)).toBe(said);
  });

  it.each(['os_xsave(old->fpstate', 'wrmsrl(MSR_IA32_XSS', 'void switch_fpu_tasks', 'void init_this_cpu'])(
    'nothing is said of a guest at %s, in code that only switches the tasks of the host',
    async (piece) => {
      expect(hoverOn(await model(), FPU_CORE, piece)).not.toMatch(/guest|KVM/i);
    },
  );
});

describe('the first line speaks of the line that it is on', () => {
  it.each([
    [
      'xsetbv(0, vcpu->arch.xcr0',
      "XCR0: here vcpu->arch.xcr0 -> XCR0, the guest's, before VM-entry, only if !(vcpu->arch.guest_state_protected)",
    ],
    [
      'write_pkru(vcpu->arch.pkru',
      "PKRU (XSAVE component 9): here vcpu->arch.pkru -> PKRU, the guest's, before VM-entry, only if !(vcpu->arch.guest_state_protected)",
    ],
    ['\tvcpu->arch.pkru', "PKRU (XSAVE component 9): here PKRU -> vcpu->arch.pkru, the guest's, after VM-exit"],
    [
      'wrmsrl(MSR_IA32_XFD_ERR',
      "IA32_XFD_ERR: here vcpu->arch.guest_fpu.xfd_err -> IA32_XFD_ERR, the guest's, before VM-entry, only if !(vcpu->arch.guest_state_protected) and vcpu->arch.guest_fpu.xfd_err",
    ],
  ])('%s', async (piece, said) => {
    expect(firstLine(await model(), CODE, piece)).toBe(said);
  });

  it('IA32_XFD_ERR is not IA32_XFD', async () => {
    expect(hoverOn(await model(), CODE, 'wrmsrl(MSR_IA32_XFD_ERR')).not.toMatch(/IA32_XFD\b(?!_)/);
  });
});

describeKernels(
  'of a real kernel with protected guests',
  ({ root }) => {
    it("the host save area has the host's XCR0, and PKRU of SEV-ES and TDX guests is theirs", async () => {
      const kernel = await modelOfTree(root);
      const sev = 'arch/x86/kvm/svm/sev.c';
      expect(hoverOn(kernel, sev, 'hostsa->xcr0')).toMatch(/^XCR0: the host's value/);
      expect(hoverOn(kernel, sev, 'hostsa->pkru')).toMatch(/the host's/);
      const common = 'arch/x86/kvm/x86.c';
      const pkru = hoverOn(kernel, common, 'vcpu->arch.pkru');
      expect(pkru).toContain('theirs is protected');
      expect(pkru).toMatch(/SEV-ES/);
    });
  },
  ({ version }) => Number(version.split('.')[0]) >= 7,
);
