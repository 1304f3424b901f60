import { describe, expect, it } from 'vitest';
import { checkTree } from '../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../server/src/check/tracking/trackingRules.js';
import { mapJson } from '../../server/src/cli/mapJson.js';
import { ownerSummary } from '../../server/src/explain/ownerSummary.js';
import { readTree } from '../../server/src/model/readTree.js';
import type { Register, RegisterModel, RegisterOwner } from '../../server/src/model/registerModel.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const sample = treeAt(samplePath('load-store-regs'));

/** The sample with one file's text changed; without the file where that gives null. */
async function changed(path: string, change: (text: string) => string | null): Promise<RegisterModel> {
  const files = sample.files.flatMap((file) => {
    if (!file.path.endsWith(path)) return [file];
    const text = change(file.text);
    if (text === file.text) throw new Error(`${path} is not changed`);
    return text === null ? [] : [{ ...file, text }];
  });
  return readTree(await parser(), { ...sample, files });
}

function ownerOf(model: RegisterModel, name: string, backend: string): [Register, RegisterOwner] {
  const register = model.registers.find((any) => any.register === name);
  const owner = register?.owners.find((any) => any.backend === backend);
  if (!register || !owner) throw new Error(`no ${name} on ${backend}`);
  return [register, owner];
}

function summary(model: RegisterModel, name: string, backend: string): string {
  return ownerSummary(model, ...ownerOf(model, name, backend));
}

function trackingFindings(model: RegisterModel): string[] {
  return checkTree(model, TRACKING_RULES).map(({ message }) => message);
}

describe('a register that is stored and never loaded', () => {
  it('is absent from the loads with a proof, and not said to be intercepted', async () => {
    const model = await changed('vmx/vmx.c', (text) => text.replace(/^.*= vmcs_readl\(GUEST_RSP\);\n/m, ''));
    const [, owner] = ownerOf(model, 'RSP', 'vmx');
    expect([owner.sync, owner.load.length, owner.unknown.load]).toEqual(['lazy', 0, []]);
    expect(summary(model, 'RSP', 'vmx')).toBe(
      'RSP is in the VMCS GUEST_RSP, never read; written back at VM-entry if dirty by vmx_vcpu_run.',
    );
    expect(trackingFindings(model)).toEqual([expect.stringContaining('RSP is in VMX_REGS_LAZY_LOAD_SET')]);
  });
});

describe("hardware's copy that KVM writes as it sets a value", () => {
  it('is not said to be copied back at VM-entry', async () => {
    const model = readTree(await parser(), sample);
    expect(summary(model, 'CR0', 'svm')).toMatch(
      /copied to the cache at every VM-exit by \S+, written through by svm_set_cr0\.$/,
    );
  });
});

describe('a register that the cache owns', () => {
  it.each([
    ['CR4', 'svm', 'guest writes trap'],
    ['PDPTR', 'vmx', 'guest writes of CR0, CR3 and CR4 that would load it trap'],
  ])('is said to be written as the architecture has it: %s', async (name, backend, words) => {
    const model = readTree(await parser(), sample);
    const register = model.registers.find((any) => any.register === name);
    const owner = register?.owners.find((any) => any.backend === backend && any.sync === 'intercepted');
    if (!register || !owner) throw new Error(`${name} is not intercepted on ${backend}`);
    expect(ownerSummary(model, register, owner)).toContain(`The cache owns ${name}: ${words};`);
  });
});

describe("the root of the shadow's page tables", () => {
  it("is KVM's own value of CR3, and no copy of the guest's", async () => {
    const root = `
static void svm_set_cr3(struct kvm_vcpu *vcpu, unsigned long root)
{
	to_svm(vcpu)->vmcb->save.cr3 = root;
}
`;
    const model = await changed('svm/svm.c', (text) => text + root);
    const register = model.registers.find((any) => any.register === 'CR3');
    const owner = register?.owners.find((any) => any.backend === 'svm' && any.sync === 'intercepted');
    if (!register || !owner) throw new Error('CR3 is not intercepted on SVM');
    expect(ownerSummary(model, register, owner)).toBe(
      "The cache owns CR3: guest writes trap; hardware runs with KVM's own value, set by svm_set_cr3.",
    );
  });
});

describe('a register that KVM reads back from hardware for an ioctl alone', () => {
  it('is not said to trap: guests may write it', async () => {
    const get = `
static int get_sregs_of_svm(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	vcpu->arch.cr4 = to_svm(vcpu)->vmcb->save.cr4;
	return 0;
}
`;
    const before = readTree(await parser(), sample);
    expect(ownerOf(before, 'CR4', 'svm')[1].sync).toBe('intercepted');
    const model = await changed('svm/svm.c', (text) => text + get);
    const [, { sync, unknown }] = ownerOf(model, 'CR4', 'svm');
    expect([sync, unknown.load.map(({ what }) => what)]).toEqual(['unknown', ['get_sregs_of_svm']]);
    expect(trackingFindings(model)).toEqual([]);
  });
});

describe('a field that is not the register', () => {
  it.each([
    ['what a guest reads of bits that KVM owns', 'CR0', 'vmcs_writel(CR0_READ_SHADOW, vcpu->arch.cr0);'],
    ['where the instruction after an event is', 'RIP', 'vmcs_writel(VM_EXIT_INSTRUCTION_LEN, kvm_rip_read(vcpu));'],
  ])('is no place of it: %s', async (_what, register, statement) => {
    const plain = ownerOf(readTree(await parser(), sample), register, 'vmx')[1];
    const model = await changed('vmx/vmx.c', (text) =>
      text.replace(/^int vmx_vcpu_run\(.*\n\{\n.*;\n/m, `$&\t${statement}\n`),
    );
    const [, owner] = ownerOf(model, register, 'vmx');
    const places = (stores: RegisterOwner['store']) => stores.map(({ to, phase }) => `${to?.name ?? ''} ${phase}`);
    expect(places(owner.store)).toEqual(places(plain.store));
  });
});

describe('assembly that is not understood', () => {
  it('is the reason where nothing else moves a register, and a problem', async () => {
    const model = await changed('vmx/vmenter.S', (text) =>
      text.replace(', %r12', '').replace(/^\tvmresume/m, '\tLOAD_MORE\n\tvmresume'),
    );
    const [, owner] = ownerOf(model, 'R12', 'vmx');
    expect(owner.sync).toBe('switched');
    expect(owner.unknown.store.map(({ what, why }) => `${what} ${why}`)).toContain('LOAD_MORE is not understood');
    expect(summary(model, 'R12', 'vmx')).toMatch(
      /stored to the cache after VM-exit by __vmx_vcpu_run, whether it is loaded before VM-entry is not known: LOAD_MORE at vmx\/vmenter\.S:\d+ is not understood/,
    );
    expect(trackingFindings(model)).toEqual([]);
    expect(model.problems.map(({ message }) => message)).toContain(
      'LOAD_MORE is not understood; so not all is known of R12 on VMX',
    );
  });

  it('is one problem for all registers that it may concern, those with consecutive numbers as a range', async () => {
    const model = await changed('vmx/vmenter.S', (text) =>
      text.replace(', %r12, %r13, %r14', '').replace(/^\tvmresume/m, '\tLOAD_MORE\n\tvmresume'),
    );
    expect(model.problems.map(({ message }) => message)).toContain(
      'LOAD_MORE is not understood; so not all is known of R12-R14 on VMX',
    );
  });

  it('proves nothing of a register that is cleared before its store', async () => {
    const model = await changed('vmx/vmenter.S', (text) =>
      text.replace(/^(SYM_INNER_LABEL_ALIGN\(vmx_vmexit.*\n)/m, '$1\txor %r9d, %r9d\n'),
    );
    const [, owner] = ownerOf(model, 'R9', 'vmx');
    expect([owner.load, owner.unknown.load]).toEqual([[], []]);
    expect(trackingFindings(model)).toEqual([expect.stringContaining('R9 is loaded before VM-entry but not stored')]);
  });

  it('does not make an SVM guest one of SEV-ES', async () => {
    const model = await changed('svm/vmenter.S', (text) => `.intel_syntax noprefix\n${text}`);
    expect(model.backends.map(({ name }) => name)).toEqual(['vmx', 'svm', 'sev-es', 'tdx']);
    expect(ownerOf(model, 'RCX', 'svm')[1].sync).toBe('unknown');
    expect(ownerOf(model, 'RAX', 'svm')[1].sync).toBe('eager');
  });
});

describe('a VM-entry that no way is seen to come to', () => {
  it('is the reason why the registers around it are not known', async () => {
    const model = await changed('svm/vmenter.S', (text) =>
      text.replace(/^1:\tvmrun.*\n2:\n/m, '.section .elsewhere, "ax"\n$&.section .noinstr.text, "ax"\n'),
    );
    const [, rbx] = ownerOf(model, 'RBX', 'svm');
    expect(rbx.sync).toBe('unknown');
    expect(rbx.unknown.load.map(({ what, why }) => `${what} ${why}`)).toEqual([
      'vmrun is on no way through its function that is understood',
    ]);
    expect(trackingFindings(model)).toEqual([]);
  });
});

describe('a VM-entry that the tree does not show', () => {
  it('is one all the same: C code around it has its phases, and the GPRs are not known', async () => {
    const model = await changed('svm/vmenter.S', () => null);
    const [, rax] = ownerOf(model, 'RAX', 'svm');
    expect([rax.load[0]?.phase, rax.store[0]?.phase]).toEqual(['vm-exit', 'vm-entry']);
    const [, rcx] = ownerOf(model, 'RCX', 'svm');
    expect([rcx.sync, rcx.unknown.load[0]?.why]).toEqual(['unknown', 'is defined nowhere in this tree']);
    expect(trackingFindings(model)).toEqual([]);
  });
});

describe('a register that is read when needed, where the code that writes it back is half typed', () => {
  it('is not said to be never written back', async () => {
    const model = await changed('vmx/vmx.c', (text) =>
      text.replace(/kvm_register_is_dirty\(vcpu, VCPU_REGS_RSP\)\)\n.*\n.*\n/, 'kvm_register_is_di\n'),
    );
    expect(summary(model, 'RSP', 'vmx')).toMatch(
      /read when needed by vmx_cache_reg; whether it is written back is not known: the text at vmx\/vmx\.c:\d+ is not read/,
    );
  });
});

describe('C code that is not read', () => {
  it('proves nothing absent, and finds nothing', async () => {
    const model = await changed('svm/svm.c', (text) =>
      text.replace(/^.*vcpu->arch\.rip = svm->vmcb->save\.rip;\n/m, '').replace('\tstgi();', '\tstgi(;'),
    );
    const [, owner] = ownerOf(model, 'RIP', 'svm');
    expect([owner.sync, owner.unknown.load[0]?.what]).toEqual(['unknown', 'the text']);
    expect(trackingFindings(model)).toEqual([]);
  });
});

it('the JSON has the reasons of what is not known only', async () => {
  const model = await changed('svm/vmenter.S', () => null);
  const { registers } = JSON.parse(JSON.stringify(mapJson(model))) as {
    registers: { register: string; owners: { backend: string; unknown?: { load: object[]; store: object[] } }[] }[];
  };
  const of = (name: string, backend: string) =>
    registers.find(({ register }) => register === name)?.owners.find((owner) => owner.backend === backend)?.unknown;
  expect(of('RCX', 'svm')?.load[0]).toEqual({
    file: 'arch/x86/kvm/svm/svm.c',
    line: expect.any(Number) as number,
    message: expect.stringMatching(/^__svm\w*_vcpu_run is defined nowhere in this tree$/) as string,
  });
  expect(of('RCX', 'vmx')).toBeUndefined();
});

describe("a C function that is given a guest's values behind VM-exit", () => {
  const kept = (text: string) =>
    text
      .replace(
        'pop %_ASM_AX\n\n\tSTORE_REGS',
        'pop %_ASM_AX\n\tmov %_ASM_CX, %_ASM_DI\n\tcall svm_set_rflags\n\tSTORE_REGS',
      )
      .replace('%_ASM_CX, %_ASM_DX, %_ASM_BX, %_ASM_BP, %_ASM_SI, %_ASM_DI\n', '%_ASM_DX\n');

  it('may keep them: what is stored nowhere else is not known, and no finding', async () => {
    const model = await changed('svm/vmenter.S', kept);
    const why = (register: string) => ownerOf(model, register, 'svm')[1].unknown.load.map((reason) => reason.why);
    expect(why('RCX')).toEqual(["is given a guest's value, which it may keep"]);
    expect(why('RSI')).toEqual(["is given a guest's value, which it may keep"]);
    expect(trackingFindings(model).filter((message) => /RCX|RSI/.test(message))).toEqual([]);
  });

  it('knows nothing of those that it is not given', async () => {
    const model = await changed('svm/vmenter.S', kept);
    expect(ownerOf(model, 'RBX', 'svm')[1].unknown.load).toEqual([]);
    expect(trackingFindings(model)).toContainEqual(expect.stringMatching(/RBX/));
  });
});
