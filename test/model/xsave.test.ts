import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { ioctlsOf, useOf } from '../../server/src/model/xsave/componentUse.js';
import { brief, runWith, xsaveOf } from './xsaveFixture.js';

const briefs = async (code: string, more: Readonly<Record<string, string>> = {}) =>
  (await xsaveOf(code, more)).transfers.map(brief);

describe('components', () => {
  it('are those that the enum numbers, with what the manual says that they hold', async () => {
    const { components } = await xsaveOf('');
    expect(components.map(({ number, name, holds }) => `${String(number)} ${name} ${holds ?? ''}`)).toEqual([
      '0 XFEATURE_FP x87: ST0-ST7',
      '2 XFEATURE_YMM YMM0-YMM15 upper half',
      '9 XFEATURE_PKRU PKRU',
      '11 XFEATURE_CET_USER IA32_U_CET, PL3_SSP',
      '19 XFEATURE_APX R16-R31',
    ]);
    expect(components.map(({ fpu }) => fpu.support)).toEqual(['user', 'user', 'user', 'supervisor', 'user']);
  });

  it('have their size from CPUID where the FPU core has no struct to hold it against', async () => {
    const { components } = await xsaveOf('', {
      'arch/x86/kernel/fpu/xstate.c': `
static bool matches(int nr, unsigned int size)
{
	switch (nr) {
	case XFEATURE_APX:
		return size == sizeof(struct egprs);
	default:
		return true;
	}
}
`,
    });
    expect(components.map(({ size }) => size?.struct ?? null)).toEqual([null, null, null, null, 'egprs']);
  });

  const GATES = `
#define ALLOWED (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU)
void setup(struct kvm_vcpu *vcpu)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & ALLOWED;
	if (!has_avx)
		kvm_caps.supported_xcr0 &= ~XFEATURE_MASK_YMM;
}
`;

  it('are for guests as far as KVM has them in its mask and leaves them there', async () => {
    const { components, masks } = await xsaveOf(GATES);
    expect(components.map(({ supported }) => supported)).toEqual(['yes', 'conditional', 'yes', 'no', 'no']);
    expect(masks.map(({ macro, variable }) => [macro?.name, variable])).toEqual([
      ['ALLOWED', 'kvm_caps.supported_xcr0'],
    ]);
    expect(components[1]?.conditions.map(({ function: fn, guards }) => [fn, guards.map(shownGuard)])).toEqual([
      ['setup', ['!has_avx']],
    ]);
  });

  it('are not for guests where the mask lacks them', async () => {
    const { components } = await xsaveOf(GATES.replace(' | XFEATURE_MASK_PKRU', ''));
    expect(components.map(({ supported }) => supported)).toEqual(['yes', 'conditional', 'no', 'no', 'no']);
  });

  it('are not enabled by a mask that the FPU core takes out again', async () => {
    const support = async (code: string) => {
      const { components } = await xsaveOf('', { 'arch/x86/kernel/fpu/xstate.c': code });
      return components.find(({ name }) => name === 'XFEATURE_CET_USER')?.fpu.support;
    };
    expect(await support('')).toBe('supervisor');
    const off = 'xfeatures_mask &= ~XFEATURE_MASK_SUPERVISOR_SUPPORTED;';
    expect(await support(`void init(void)\n{\n\t${off}\n}\n`)).toBe('none');
  });

  it('keep what they are where the mask names one that is not defined', async () => {
    const { components } = await xsaveOf(GATES.replace(' | XFEATURE_MASK_PKRU', ' | XFEATURE_MASK_UNKNOWN'));
    expect(components.map(({ supported }) => supported)).toEqual(['yes', 'conditional', 'no', 'no', 'no']);
  });

  it("are told of a function's own mask, as before 5.7", async () => {
    const { components } = await xsaveOf(`
u64 supported(void)
{
	u64 xcr0 = (XFEATURE_MASK_FP | XFEATURE_MASK_YMM) & host_xcr0;

	if (!kvm_has_avx)
		xcr0 &= ~XFEATURE_MASK_YMM;
	return xcr0;
}
`);
    expect(components.map(({ supported }) => supported)).toEqual(['yes', 'conditional', 'no', 'no', 'no']);
  });
});

describe('what is switched around VM-entry', () => {
  const TERNARY = `
static void load(struct kvm_vcpu *vcpu, bool guest)
{
	if (vcpu->arch.guest_state_protected)
		return;
	xsetbv(XCR_XFEATURE_ENABLED_MASK, guest ? vcpu->arch.xcr0 : kvm_host.xcr0);
}
`;
  const bothWays = [
    'vm-entry guest XCR0: arch.xcr0 -> XCR0 in load if !(vcpu->arch.guest_state_protected)',
    'vm-exit host XCR0: kvm_host.xcr0 -> XCR0 in load if !(vcpu->arch.guest_state_protected)',
  ];

  it('is told both ways of a function that a constant tells which', async () => {
    expect(await briefs(TERNARY + runWith('load(vcpu, true);', 'load(vcpu, false);'))).toEqual(bothWays);
  });

  it('is told the same of branches', async () => {
    const branches = TERNARY.replace(
      /xsetbv[^;]*;/,
      `if (guest)
		xsetbv(0, vcpu->arch.xcr0);
	else
		xsetbv(0, kvm_host.xcr0);`,
    );
    expect(await briefs(branches + runWith('load(vcpu, true);', 'load(vcpu, false);'))).toEqual(bothWays);
  });

  it('has the order of the code, its callers with their conditions, and the host values of each name', async () => {
    const code = `
static void out(struct kvm_vcpu *vcpu)
{
	if (!(cr4 & X86_CR4_OSXSAVE))
		return;
	wrmsrq(MSR_IA32_XSS, vcpu->arch.ia32_xss);
	xsetbv(0, vcpu->arch.xcr0);
}
static void in(struct kvm_vcpu *vcpu)
{
	vcpu->arch.pkru = rdpkru();
	write_pkru(vcpu->arch.host_pkru);
	xsetbv(0, host_xcr0);
}
`;
    const { transfers } = await xsaveOf(code + runWith('if (wanted)\n\t\tout(vcpu);', 'in(vcpu);'));
    expect(transfers.map(brief)).toEqual([
      'vm-entry guest XSS: arch.ia32_xss -> IA32_XSS in out if wanted && cr4 & X86_CR4_OSXSAVE',
      'vm-entry guest XCR0: arch.xcr0 -> XCR0 in out if wanted && cr4 & X86_CR4_OSXSAVE',
      'vm-exit guest PKRU: PKRU -> arch.pkru in in',
      'vm-exit host PKRU: arch.host_pkru -> PKRU in in',
      'vm-exit host XCR0: host_xcr0 -> XCR0 in in',
    ]);
    expect(transfers[0]?.callers.map((step) => step.function)).toEqual(['run']);
  });

  it("is told where vendor code keeps the host's value", async () => {
    const code = `
static int vmx_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	if (vcpu->arch.pkru != vmx->host_pkru)
		__write_pkru(vcpu->arch.pkru);
	__vmx_run(vcpu);
	vcpu->arch.pkru = __read_pkru();
	__write_pkru(vmx->host_pkru);
	return 0;
}
`;
    expect(await briefs(code)).toEqual([
      'vm-entry guest PKRU: arch.pkru -> PKRU in vmx_vcpu_run if vcpu->arch.pkru != vmx->host_pkru',
      'vm-exit guest PKRU: PKRU -> arch.pkru in vmx_vcpu_run',
      'vm-exit host PKRU: vmx->host_pkru -> PKRU in vmx_vcpu_run',
    ]);
  });

  it("is none of another member of what a pointer leads to, beside the host's", async () => {
    const code = `
static void vmx_vcpu_load(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	vmx->host_pkru = read_pkru();
	vmx->host_debugctl = get_debugctl();
	vmx->loaded = 1;
}
`;
    expect((await xsaveOf(code)).settings).toEqual([]);
  });

  it("is told where vendor code keeps the guest's and the host's, by accessors with underscores", async () => {
    const code = `
static int vmx_vcpu_run(struct kvm_vcpu *vcpu)
{
	struct vcpu_vmx *vmx = to_vmx(vcpu);

	__write_pkru(vmx->guest_pkru);
	__vmx_run(vcpu);
	vmx->guest_pkru = __read_pkru();
	__write_pkru(vmx->host_pkru);
	return 0;
}
`;
    expect(await briefs(code)).toEqual([
      'vm-entry guest PKRU: vmx->guest_pkru -> PKRU in vmx_vcpu_run',
      'vm-exit guest PKRU: PKRU -> vmx->guest_pkru in vmx_vcpu_run',
      'vm-exit host PKRU: vmx->host_pkru -> PKRU in vmx_vcpu_run',
    ]);
  });

  it.each(['vmcb_save_area', 'sev_es_save_area'])(
    "is the host's in a save area that it is put into (%s)",
    async (area) => {
      const code = `
static void save_host(struct kvm_vcpu *vcpu, void *page)
{
	struct ${area} *hostsa = page + 0x400;

	hostsa->xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	hostsa->xss = host_xss;
}
`;
      expect(await briefs(code)).toEqual([
        'other host XCR0: XCR0 -> host save.xcr0 in save_host',
        'other host XSS: host_xss -> host save.xss in save_host',
      ]);
    },
  );

  it('is in the areas of MSRs where a function is given both values', async () => {
    expect(
      await briefs(`
static int set_msr(struct kvm_vcpu *vcpu, u64 data)
{
	add_switch_msr(vcpu, MSR_IA32_XSS, vcpu->arch.ia32_xss, host_xss);
	return 0;
}
`),
    ).toEqual([
      'set guest XSS: arch.ia32_xss -> VM-entry MSR-load area in set_msr',
      'set host XSS: host_xss -> VM-exit MSR-load area in set_msr',
    ]);
  });
});

describe('FPU state', () => {
  it.each(['keep_state', 'kvm_keep_state'])('is saved by a helper of any name (%s)', async (helper) => {
    const found = await xsaveOf(
      `
static void ${helper}(struct fpstate *fpstate)
{
	core_save(fpstate);
}
${runWith(`${helper}(vcpu->arch.guest_fpu.fpstate);`, '')}`,
      {
        'arch/x86/kernel/fpu/core.c': `
void core_save(struct fpstate *fpstate)
{
	asm volatile("xsave64 %0" : : "m" (fpstate->regs));
}
`,
      },
    );
    expect(found.transfers.map((t) => `${t.from.name} -> ${t.to.name}`)).toEqual(['XSAVE registers -> arch.guest_fpu']);
  });

  const CORE = {
    'arch/x86/kernel/fpu/core.c': `
static void save(struct fpstate *fpstate)
{
	asm volatile(".byte 0x48, 0x0f,0xc7,0x2f" : : "D" (&fpstate->regs) : "memory");
}
static void restore(struct fpstate *fpstate)
{
	asm volatile("xrstors64 %0" : : "m" (fpstate->regs));
}
void swap(struct fpu_guest *guest_fpu, bool enter)
{
	struct fpu *fpu = x86_task_fpu(current);
	struct fpstate *now = fpu->fpstate;

	save(fpu->fpstate);
	if (enter) {
		fpu->__task_fpstate = now;
		fpu->fpstate = guest_fpu->fpstate;
	} else {
		fpu->fpstate = fpu->__task_fpstate;
	}
	now = fpu->fpstate;
	restore(now);
}
`,
  };
  const RUN = `
int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu)
{
	swap(&vcpu->arch.guest_fpu, true);
	run(vcpu);
	swap(&vcpu->arch.guest_fpu, false);
	return 0;
}
`;

  it("is the task's or the guest's, by what the swap loads next; once a KVM_RUN and not at each VM-entry", async () => {
    const { transfers } = await xsaveOf(runWith('', '').replace(/int kvm_arch_vcpu_ioctl_run[\s\S]*/, RUN), CORE);
    expect(transfers.map(brief)).toEqual([
      'ioctl host fpstate: XSAVE registers -> task fpstate in kvm_arch_vcpu_ioctl_run',
      'ioctl guest fpstate: arch.guest_fpu -> XSAVE registers in kvm_arch_vcpu_ioctl_run',
      'ioctl guest fpstate: XSAVE registers -> arch.guest_fpu in kvm_arch_vcpu_ioctl_run',
      'ioctl host fpstate: task fpstate -> XSAVE registers in kvm_arch_vcpu_ioctl_run',
    ]);
    expect(transfers.every((t) => t.isOncePerRun)).toBe(true);
    expect(transfers[1]?.through.map((step) => step.function)).toEqual(['swap', 'restore']);
  });

  it('goes to userspace in an ioctl, PKRU beside it', async () => {
    const model = await xsaveOf(
      `
#define KVM_MASK XFEATURE_MASK_PKRU
static int get_xsave(struct kvm_vcpu *vcpu, struct kvm_xsave *xsave)
{
	copy_out(xsave->region, &vcpu->arch.guest_fpu, vcpu->arch.pkru);
	return 0;
}
int ioctl(struct kvm_vcpu *vcpu, int nr, void *argument)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & KVM_MASK;
	switch (nr) {
	case KVM_GET_XSAVE:
		return get_xsave(vcpu, argument);
	}
	return 0;
}
`,
      {
        'arch/x86/kernel/fpu/xstate.c': `
void copy_out(void *to, struct fpu_guest *from, u32 value)
{
	struct pkru_state pkru = { 0 };

	memcpy(to, &from->fpstate->regs, 512);
	pkru.pkru = value;
	memcpy(to + 512, &pkru, sizeof(pkru));
}
`,
      },
    );
    expect(model.transfers.map(brief)).toEqual([
      'ioctl userspace fpstate: arch.guest_fpu -> kvm_xsave.region in get_xsave if case KVM_GET_XSAVE',
      'ioctl userspace PKRU: arch.pkru -> kvm_xsave.region in get_xsave if case KVM_GET_XSAVE',
    ]);
    const pkru = model.components.find(({ name }) => name === 'XFEATURE_PKRU');
    const user = pkru ? useOf(model, pkru).user : [];
    expect(user.map((t) => [t.from.name, ioctlsOf(t)])).toEqual([['arch.pkru', ['KVM_GET_XSAVE']]]);
  });
});
