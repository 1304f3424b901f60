import { describe, expect, it } from 'vitest';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const SVM = 'arch/x86/kvm/svm/svm.c';
const sample = treeAt(samplePath('load-store-regs'));

/** The phases of a register's transfers in a function of code that is put behind the sample's SVM code. */
async function phasesIn(code: string, register: string, fn: string): Promise<string[]> {
  const files = sample.files.map((file) => (file.path === SVM ? { ...file, text: `${file.text}\n${code}` } : file));
  const { registers } = readTree(await parser(), { ...sample, files });
  const transfers = registers.find((one) => one.register === register)?.transfers ?? [];
  return [...new Set(transfers.filter((t) => t.function === fn).map((t) => t.phase))];
}

describe('code that every VM-entry comes to', () => {
  const code = (entry: string) => `
static void load_hardware(struct kvm_vcpu *vcpu)
{
	to_svm(vcpu)->vmcb->save.cr3 = vcpu->arch.cr3;
}

static int load_mmu(struct kvm_vcpu *vcpu)
{
	load_hardware(vcpu);
	return 0;
}

static int reload_mmu(struct kvm_vcpu *vcpu)
{
	return load_mmu(vcpu);
}

static void switch_to_l2(struct kvm_vcpu *vcpu, struct vmcb *vmcb12)
{
	load_mmu(vcpu);
}

static void run_it(struct kvm_vcpu *vcpu)
{
	${entry}
}
`;

  it('is of VM-entry, though code for nested state calls it by a shorter way', async () => {
    expect(await phasesIn(code('reload_mmu(vcpu); __svm_vcpu_run(to_svm(vcpu));'), 'CR3', 'load_hardware')).toEqual([
      'vm-entry',
    ]);
  });

  it('is not where only code for nested state does, or code behind VM-exit', async () => {
    const behind = '__svm_vcpu_run(to_svm(vcpu)); reload_mmu(vcpu);';
    for (const entry of ['', behind]) {
      expect(await phasesIn(code(entry), 'CR3', 'load_hardware')).toEqual(['nested']);
    }
  });
});

describe('code that sets the reset vector', () => {
  const init = (nested: string) => `
static void init_save_area(struct vcpu_svm *svm)
{
	${nested}
	svm->vmcb->save.rip = 0xfff0;
	svm->vcpu.arch.regs[VCPU_REG_RIP] = svm->vmcb->save.rip;
}
`;

  it.each([
    ['and no more', ''],
    ["clears what is nested, L1's control block", 'svm->nested.vmcb12_gpa = 0;'],
    ['switches back from what L2 runs on', 'if (svm->vmcb == svm->nested.vmcb02.ptr) svm->vmcb = svm->vmcb01.ptr;'],
  ])('resets a vCPU: %s', async (_what, nested) => {
    expect(await phasesIn(init(nested), 'RIP', 'init_save_area')).toEqual(['reset']);
  });
});

describe('a copy into the save area by a helper', () => {
  const code = (sets: string, other = '') => `
static void update_hardware(struct vcpu_svm *svm)
{
	svm->vmcb->save.cr0 = svm->vcpu.arch.cr0;
}

static void set_it(struct kvm_vcpu *vcpu, unsigned long value)
{
	${sets}
	update_hardware(to_svm(vcpu));
}

static void switch_to_l2(struct vcpu_svm *svm, struct vmcb *vmcb12)
{
	set_it(&svm->vcpu, vmcb12->save.cr0);
	${other}
}
`;

  const otherCaller = `
static void activate_fpu(struct kvm_vcpu *vcpu)
{
	update_hardware(to_svm(vcpu));
}
`;

  it.each([
    ['is set, where each caller has been given the value', code('vcpu->arch.cr0 = value;'), 'set'],
    ['is not, where the caller sets another register', code('vcpu->arch.cr4 = value;'), 'nested'],
    ['is set, where another caller is of no purpose', code('vcpu->arch.cr0 = value;') + otherCaller, 'set'],
    [
      'is not, where one caller sets nothing and is for nested state',
      code('vcpu->arch.cr0 = value;', 'update_hardware(svm);'),
      'nested',
    ],
  ])('%s', async (_what, text, phase) => {
    expect(await phasesIn(text, 'CR0', 'update_hardware')).toEqual([phase]);
  });
});

describe('code around VM-entry', () => {
  it('is of VM-entry before it and of VM-exit behind it', async () => {
    expect(await phasesIn('', 'RAX', 'svm_vcpu_run')).toEqual(['vm-entry', 'vm-exit']);
  });
});

describe('code whose expression has VM-entry in it', () => {
  const switched = (statement: string) => `
static void save_rip(struct vcpu_svm *svm, int ret)
{
	svm->vcpu.arch.regs[VCPU_REGS_RCX] = svm->vmcb->save.rip;
}

static int load_rip(struct vcpu_svm *svm)
{
	svm->vmcb->save.rip = svm->vcpu.arch.regs[VCPU_REGS_RCX];
	return 0;
}

static int enter(struct vcpu_svm *svm, int flags)
{
	return __svm_vcpu_run(svm);
}

static void switched(struct vcpu_svm *svm)
{
	${statement}
}
`;

  it.each([
    ['is of VM-exit where it is given what that returns', 'save_rip(svm, enter(svm, 0));', 'save_rip', 'vm-exit'],
    ['also with brackets and casts between', 'save_rip(svm, (int)!(enter(svm, 0)));', 'save_rip', 'vm-exit'],
    ['is of VM-entry where it is an argument of it', 'enter(svm, load_rip(svm));', 'load_rip', 'vm-entry'],
    [
      'is of VM-entry where it stands before it',
      'save_rip(svm, load_rip(svm) + enter(svm, 0));',
      'load_rip',
      'vm-entry',
    ],
    [
      'is of VM-exit where the result is assigned',
      'svm->vcpu.arch.regs[VCPU_REGS_RCX] = enter(svm, 0) ? 0 : svm->vmcb->save.rip;',
      'switched',
      'vm-exit',
    ],
  ])('%s', async (_what, statement, fn, phase) => {
    expect(await phasesIn(switched(statement), 'RCX', fn)).toEqual([phase]);
  });
});

describe('an operation', () => {
  it('fetches on demand where it is called for a register that is not available', async () => {
    expect(await phasesIn('', 'CR3', 'svm_cache_reg')).toEqual(['on-demand']);
  });

  it('does not where no test stands before its call', async () => {
    expect(await phasesIn('', 'CR0', 'svm_set_cr0')).not.toEqual([]);
    expect(await phasesIn('', 'CR0', 'svm_set_cr0')).not.toContain('on-demand');
  });

  const fetching = (body: string, around: string) => `
static void fetch_cr4(struct kvm_vcpu *vcpu)
{
	vcpu->arch.cr4 &= KVM_GUEST_CR4_MASK;
	${body}
}

static int get_sregs(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	kvm_x86_ops->decache_cr4_guest_bits(vcpu);
	sregs->cr4 = vcpu->arch.cr4;
	return 0;
}

static int run_old(struct kvm_vcpu *vcpu)
{
	__svm_vcpu_run(to_svm(vcpu));
	${around}
	return 0;
}

static struct kvm_x86_ops old_ops = {
	.decache_cr4_guest_bits = fetch_cr4,
};
`;
  const fetch = 'vcpu->arch.cr4 |= to_svm(vcpu)->vmcb->save.cr4 & ~KVM_GUEST_CR4_MASK;';

  it('fetches on demand where it does no more, for whoever reads the register next', async () => {
    expect(await phasesIn(fetching(fetch, ''), 'CR4', 'fetch_cr4')).toEqual(['on-demand']);
  });

  it('does not where it does more, or is called around VM-entry', async () => {
    const more = `${fetch} to_svm(vcpu)->vmcb->save.cr3 = vcpu->arch.cr3;`;
    expect(await phasesIn(fetching(more, ''), 'CR4', 'fetch_cr4')).toEqual(['ioctl']);
    expect(await phasesIn(fetching(fetch, 'fetch_cr4(vcpu);'), 'CR4', 'fetch_cr4')).not.toContain('on-demand');
  });
});
