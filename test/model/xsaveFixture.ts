import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import type { XsaveModel, XsaveTransfer } from '../../server/src/model/xsave/xsaveModel.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { CACHE, CODE } from '../facts/fixture.js';
import { modelOf } from '../engine.js';

/** Four components of an FPU core, in our own words. */
export const TYPES = `
enum xfeature {
	XFEATURE_FP,
	XFEATURE_YMM = 2,
	XFEATURE_PKRU = 9,
	XFEATURE_CET_USER = 11,
	XFEATURE_RSRVD_COMP_12,
	XFEATURE_APX = 19,
	XFEATURE_MAX,
};
#define XFEATURE_MASK_FP	(1 << XFEATURE_FP)
#define XFEATURE_MASK_YMM	BIT_ULL(XFEATURE_YMM)
#define XFEATURE_MASK_PKRU	(1 << XFEATURE_PKRU)
#define XFEATURE_MASK_CET_USER	(1 << XFEATURE_CET_USER)
#define XFEATURE_MASK_APX	(1 << XFEATURE_APX)
#define XFEATURE_MASK_USER_SUPPORTED	(XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU | XFEATURE_MASK_APX)
#define XFEATURE_MASK_SUPERVISOR_SUPPORTED	XFEATURE_MASK_CET_USER
struct xregs_state { u8 area[4096]; };
struct fpstate { u64 xfd; struct xregs_state regs; };
struct fpu { struct fpstate *fpstate; struct fpstate *__task_fpstate; };
struct fpu_guest { struct fpstate *fpstate; };
`;

const HOST = CACHE['arch/x86/include/asm/kvm_host.h'] ?? '';

/** What is known of XSAVE state in a tree with {@link CACHE}, {@link TYPES} and KVM's `code`. `more` adds files. */
export async function xsaveOf(code: string, more: Readonly<Record<string, string>> = {}): Promise<XsaveModel> {
  return (await modelWithXsave(code, more)).xsave;
}

/** Whether guests may enable FP, YMM, PKRU, CET_USER and APX, and the conditions on APX. */
export async function support(code: string, more: Readonly<Record<string, string>> = {}) {
  const { components } = await xsaveOf(code, more);
  const apx = components.find(({ name }) => name === 'XFEATURE_APX');
  return {
    supported: components.map(({ supported }) => supported),
    conditions:
      apx?.conditions.map(({ function: fn, guards }) => `${fn}: ${guards.map(shownGuard).join(' && ')}`) ?? [],
    byVendor: apx?.supportedBy.map(({ vendor, supported }) => `${vendor} ${supported}`) ?? [],
  };
}

/** The whole model of the same tree. */
export function modelWithXsave(code: string, more: Readonly<Record<string, string>> = {}): Promise<RegisterModel> {
  const fields = 'u64 xcr0; u64 ia32_xss; u32 pkru; u32 host_pkru; struct fpu_guest guest_fpu;';
  const files = {
    ...CACHE,
    'arch/x86/include/asm/kvm_host.h': HOST.replace('u64 pdptrs[4];', `u64 pdptrs[4]; ${fields}`),
    'arch/x86/include/asm/fpu/types.h': TYPES,
    'arch/x86/kvm/vmx/vmenter.S': 'SYM_FUNC_START(__vmx_run)\n\tvmresume\n\tRET\nSYM_FUNC_END(__vmx_run)\n',
    ...more,
    [CODE]: code,
  };
  return modelOf(files);
}

/** A vCPU's run, with what stands before and behind VM-entry in it. */
export function runWith(before: string, behind: string): string {
  return `
static int run(struct kvm_vcpu *vcpu)
{
	${before}
	kvm_x86_call(vcpu_run)(vcpu);
	${behind}
	return 0;
}
static int vmx_vcpu_run(struct kvm_vcpu *vcpu)
{
	return __vmx_run(vcpu);
}
static struct kvm_x86_ops vmx_x86_ops = { .vcpu_run = vmx_vcpu_run };
int kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu)
{
	return run(vcpu);
}
`;
}

/** A transfer in brief: `vm-entry guest XCR0: arch.xcr0 -> XCR0 in load if a && b`. */
export function brief(t: XsaveTransfer): string {
  const when = t.guards.length > 0 ? ` if ${t.guards.map(shownGuard).join(' && ')}` : '';
  return `${t.phase} ${t.side} ${t.state}: ${t.from.name} -> ${t.to.name} in ${t.function}${when}`;
}
