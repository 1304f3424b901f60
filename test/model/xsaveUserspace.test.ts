import { describe, expect, it } from 'vitest';
import { componentRows } from '../../server/src/explain/xsave/componentRows.js';
import { sections } from '../../server/src/explain/xsave/xsaveSteps.js';
import { readTree } from '../../server/src/model/readTree.js';
import { useOf } from '../../server/src/model/xsave/componentUse.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';
import { CACHE } from '../facts/fixture.js';
import { brief, modelWithXsave, runWith, TYPES, xsaveOf } from './xsaveFixture.js';

/** A cache with slots of R16-R31, and a world switch that moves them. */
const HOST = CACHE['arch/x86/include/asm/kvm_host.h'] ?? '';
const EGPR_NAMES = Array.from({ length: 16 }, (_, i) => `R${String(i + 16)}`);
const FIELDS = 'u64 xcr0; u64 guest_supported_xcr0; u32 pkru; u32 host_pkru; struct fpu_guest guest_fpu;';
const WITH_EGPRS: Readonly<Record<string, string>> = {
  'arch/x86/include/asm/kvm_host.h': HOST.replace(
    '\tVCPU_REGS_RIP,\n',
    `${EGPR_NAMES.map((name) => `\tVCPU_REGS_${name},\n`).join('')}\tVCPU_REGS_RIP,\n`,
  ).replace('u64 pdptrs[4];', `u64 pdptrs[4]; ${FIELDS}`),
  'arch/x86/include/asm/fpu/types.h': TYPES,
};

const GATE = `
#define ALLOWED (XFEATURE_MASK_FP | XFEATURE_MASK_YMM | XFEATURE_MASK_PKRU | XFEATURE_MASK_APX)
void setup(void)
{
	kvm_caps.supported_xcr0 = kvm_host.xcr0 & ALLOWED;
}
`;

const MOVES = `
static void load_high(struct kvm_vcpu *vcpu)
{
${EGPR_NAMES.map((name) => `\tasm volatile("movq %0, %%${name.toLowerCase()}" : : "m"(vcpu->arch.regs[VCPU_REGS_${name}]));`).join('\n')}
}
static void store_high(struct kvm_vcpu *vcpu)
{
${EGPR_NAMES.map((name) => `\tasm volatile("movq %%${name.toLowerCase()}, %0" : "=m"(vcpu->arch.regs[VCPU_REGS_${name}]));`).join('\n')}
}
`;
const SWITCH = MOVES + runWith('load_high(vcpu);', 'store_high(vcpu);');

const IOCTL = `
long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int ioctl, void __user *argp)
{
	union { struct kvm_xsave *xsave; void *buffer; } u;

	switch (ioctl) {
	case KVM_GET_XSAVE:
		u.xsave = kzalloc(sizeof(struct kvm_xsave));
		get_xsave(vcpu, (u8 *)u.xsave->region, sizeof(u.xsave->region));
		return copy_to_user(argp, u.xsave, sizeof(struct kvm_xsave));
	case KVM_SET_XSAVE:
		u.buffer = memdup_user(argp, 4096);
		return set_xsave(vcpu, u.buffer);
	}
	return 0;
}
`;

const COPIES = `
static void regs_out(struct kvm_vcpu *vcpu, void *buf)
{
	memcpy(buf + xstate_offset(XFEATURE_APX), &vcpu->arch.regs[VCPU_REGS_R16], 128);
}
static void regs_in(struct kvm_vcpu *vcpu, const u8 *state)
{
	memcpy(&vcpu->arch.regs[VCPU_REGS_R16], state + xstate_offset(XFEATURE_APX), 128);
}
static int get_xsave(struct kvm_vcpu *vcpu, u8 *state, unsigned int size)
{
	u64 mask = vcpu->arch.guest_supported_xcr0;

	STRIP_OUT
	fpu_copy_guest_fpstate_to_uabi(&vcpu->arch.guest_fpu, state, size, mask, vcpu->arch.pkru);
	regs_out(vcpu, state);
	return 0;
}
static int set_xsave(struct kvm_vcpu *vcpu, u8 *state)
{
	regs_in(vcpu, state);
	return fpu_copy_uabi_to_guest_fpstate(&vcpu->arch.guest_fpu, state, SUPPORTED_IN, &vcpu->arch.pkru);
}
`;

const copies = (out: string, supported: string) => COPIES.replace('STRIP_OUT', out).replace('SUPPORTED_IN', supported);

describe('R16-R31 in the register cache', () => {
  const code = (both: string) => GATE + SWITCH + both + IOCTL;
  const apxOf = async (text: string) => {
    const model = await xsaveOf(text, WITH_EGPRS);
    const apx = model.components.find(({ name }) => name === 'XFEATURE_APX');
    if (!apx) throw new Error('no APX');
    return { model, use: useOf(model, apx) };
  };

  it('go to userspace from there, whatever the buffer is called, beside the fpstate', async () => {
    const { model, use } = await apxOf(code(copies('', 'kvm_caps.supported_xcr0')));
    expect(use.user.map(brief)).toEqual([
      'ioctl userspace XFEATURE_APX: arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] -> u.xsave->region in regs_out if case KVM_GET_XSAVE',
      'ioctl userspace XFEATURE_APX: u.buffer -> arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] in regs_in if case KVM_SET_XSAVE',
    ]);
    expect(
      model.transfers.filter((t) => t.state === 'fpstate' && t.side === 'userspace').map((t) => t.leftOut),
    ).toEqual([['XFEATURE_PKRU'], ['XFEATURE_PKRU']]);
  });

  it('are switched from there', async () => {
    const { use } = await apxOf(code(copies('', 'kvm_caps.supported_xcr0')));
    expect([...use.loads, ...use.stores].map(brief)).toEqual([
      'vm-entry guest XFEATURE_APX: arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] -> R16-R31 in load_high',
      'vm-exit guest XFEATURE_APX: R16-R31 -> arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] in store_high',
    ]);
  });

  it('are left out of the fpstate where code takes APX out of the set that it copies', async () => {
    const { model } = await apxOf(
      code(copies('mask &= ~XFEATURE_MASK_APX;', 'kvm_caps.supported_xcr0 & ~XFEATURE_MASK_APX')),
    );
    expect(
      model.transfers.filter((t) => t.state === 'fpstate' && t.side === 'userspace').map((t) => t.leftOut),
    ).toEqual([
      ['XFEATURE_PKRU', 'XFEATURE_APX'],
      ['XFEATURE_PKRU', 'XFEATURE_APX'],
    ]);
  });

  it('are one line of the table where a function copies one after another', async () => {
    const one = (name: string, i: number) => `\tegprs[${String(i)}] = vcpu->arch.regs[VCPU_REGS_${name}];`;
    const all = `u64 *egprs = buf + xstate_offset(XFEATURE_APX);\n\n${EGPR_NAMES.map(one).join('\n')}`;
    const text = code(copies('', 'kvm_caps.supported_xcr0')).replace(/memcpy\(buf \+ .*;/, all);
    const model = await modelWithXsave(text, WITH_EGPRS);
    const whats = sections(model).flatMap(({ steps }) => steps.map(({ what }) => what));
    expect(whats.filter((what) => what.startsWith('arch.regs') && what.includes('-> u.xsave'))).toEqual([
      'arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] -> u.xsave->region',
    ]);
  });

  it('have no way to userspace by the fpstate alone', async () => {
    const withoutRegs = copies('', 'kvm_caps.supported_xcr0').replace(/\tregs_(?:out|in)\(.*\n/g, '');
    const { use } = await apxOf(code(withoutRegs));
    expect(use.user).toEqual([]);
    expect(use.loads.map((t) => t.from.kind)).toEqual(['cache']);
  });
});

describe('struct kvm_fpu', () => {
  it('holds x87 and SSE, and no other component', async () => {
    const { components, transfers } = await xsaveOf(`${GATE}
int kvm_arch_vcpu_ioctl_get_fpu(struct kvm_vcpu *vcpu, struct kvm_fpu *fpu)
{
	struct fxregs_state *fxsave = &vcpu->arch.guest_fpu.fpstate->regs.fxsave;

	memcpy(fpu->fpr, fxsave->st_space, 128);
	fpu->fcw = fxsave->cwd;
	memcpy(fpu->xmm, fxsave->xmm_space, sizeof(fxsave->xmm_space));
	return 0;
}
`);
    expect(transfers.map(({ state, to }) => `${state} ${to.name}`)).toEqual([
      'XFEATURE_FP kvm_fpu.*',
      'XMM0-XMM15, MXCSR kvm_fpu.xmm',
    ]);
    const user = components.map((component) => useOf({ ...EMPTY, components, transfers }, component).user.length);
    expect(user).toEqual([1, 0, 0, 0, 0]);
  });
});

const EMPTY = { masks: [], settings: [], rules: [] };

it('the page of struct kvm_run is userspace memory, which no ioctl of its own copies', async () => {
  const tree = treeAt(samplePath('apx-series'));
  const page = `struct kvm_sync_regs {
	__u64 egprs[16];
};

struct kvm_run {
	union {
		struct kvm_sync_regs regs;
	} s;
};

struct kvm_xsave {`;
  const helpers = `static void sync_in(struct kvm_vcpu *vcpu)
{
	memcpy(&vcpu->arch.regs[VCPU_REGS_R16], vcpu->run->s.regs.egprs, sizeof(vcpu->run->s.regs.egprs));
}

static void sync_out(struct kvm_vcpu *vcpu)
{
	memcpy(vcpu->run->s.regs.egprs, &vcpu->arch.regs[VCPU_REGS_R16], sizeof(vcpu->run->s.regs.egprs));
}

int kvm_arch_vcpu_ioctl_run(`;
  const files = tree.files.map(({ path, text }) => ({
    path,
    text: text
      .replace('struct kvm_xsave {', page)
      .replace('int kvm_arch_vcpu_ioctl_run(', helpers)
      .replace(/\tkvm_load_guest_fpu\(vcpu\);\n(?=\tdo)/, '\tsync_in(vcpu);\n$&')
      .replace(/\tkvm_put_guest_fpu\(vcpu\);\n(?=\treturn)/, '$&\tsync_out(vcpu);\n')
      .replace(/\tmemcpy\(state \+ xstate_offset\(XFEATURE_APX\), egprs.*\n/, '')
      .replace(/\tmemcpy\(egprs, state \+ .*\n/, '\treturn;\n'),
  }));
  const { xsave } = readTree(await parser(), { ...tree, files });
  const apx = xsave.components.find(({ name }) => name === 'XFEATURE_APX');
  expect(apx && useOf(xsave, apx).user.map(brief)).toEqual([
    'ioctl userspace XFEATURE_APX: kvm_run.s.regs.egprs -> arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] in sync_in',
    'ioctl userspace XFEATURE_APX: arch.regs[VCPU_REGS_R16..VCPU_REGS_R31] -> kvm_run.s.regs.egprs in sync_out',
  ]);
  expect(componentRows(xsave).at(-1)?.at(-1)).toBe('kvm_run');
});
