import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE } from '../facts/fixture.js';

const SVM = {
  'arch/x86/kvm/svm/svm.h': `
struct vmcb_save_area { u64 rax; u64 rsp; u64 rip; };
struct vmcb { struct vmcb_save_area save; };
struct kvm_vmcb_info { struct vmcb *ptr; };
struct vcpu_svm {
	struct kvm_vcpu vcpu;
	struct vmcb *vmcb;
	struct kvm_vmcb_info vmcb01;
	struct { struct vmcb *hsave; struct kvm_vmcb_info vmcb02; } nested;
	struct { struct vmcb_save_area *vmsa; } sev_es;
};
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
`,
};

/** Where RAX of the cache goes, and where it comes from, in each function: `f: -> vmcb save.rax`. */
async function moves(text: string): Promise<string[]> {
  const { registers } = await modelOf({ ...CACHE, ...SVM, 'arch/x86/kvm/svm/svm.c': text });
  const rax = registers.find(({ register }) => register === 'RAX');
  return (rax?.transfers ?? []).flatMap(({ from, to, function: name }) => {
    const [other, arrow] = to?.kind === 'cache' ? [from, '<-'] : [to, '->'];
    return other
      ? [`${name}: ${arrow} ${other.kind} ${other.which === undefined ? '' : `${other.which} `}${other.name}`]
      : [];
  });
}

const STORE = `
static void f(struct kvm_vcpu *vcpu, struct vmcb *vmcb)
{
	vmcb->save.rax = vcpu->arch.regs[VCPU_REGS_RAX];
}
`;

function calling(body: string, name = 'g'): string {
  return `void ${name}(struct kvm_vcpu *vcpu)\n{\n\tstruct vcpu_svm *svm = to_svm(vcpu);\n${body}\n}\n`;
}

describe('a VMCB that a function is given', () => {
  it.each([
    ['the current one', calling('\tf(vcpu, svm->vmcb);'), 'vmcb save.rax'],
    [
      'the current one, by a variable',
      calling('\tstruct vmcb *current = svm->vmcb;\n\tf(vcpu, current);'),
      'vmcb save.rax',
    ],
    [
      'the current one, without a variable of the vCPU',
      'void g(struct kvm_vcpu *vcpu)\n{\n\tf(vcpu, to_svm(vcpu)->vmcb);\n}',
      'vmcb save.rax',
    ],
    ["L1's, while L2 runs", calling('\tf(vcpu, svm->vmcb01.ptr);'), 'vmcb vmcb01 save.rax'],
    ["L2's", calling('\tf(vcpu, svm->nested.vmcb02.ptr);'), 'vmcb vmcb02 save.rax'],
    ['what L1 wrote', calling('\tstruct vmcb *vmcb12 = map.hva;\n\tf(vcpu, vmcb12);'), 'nested vmcb12.save.rax'],
    ['the host save area', calling('\tf(vcpu, svm->nested.hsave);'), 'nested hsave.save.rax'],
    [
      'the same by two callers',
      calling('\tf(vcpu, svm->vmcb);') + calling('\tf(vcpu, svm->vmcb);', 'h'),
      'vmcb save.rax',
    ],
    [
      'another by each caller',
      calling('\tf(vcpu, svm->vmcb);') + calling('\tf(vcpu, svm->nested.hsave);', 'h'),
      'unknown save.rax',
    ],
    [
      'another in each branch',
      calling(
        '\tstruct vmcb *vmcb;\n\tif (vcpu->arch.cr3)\n\t\tvmcb = svm->vmcb;\n\telse\n\t\tvmcb = svm->nested.hsave;\n\tf(vcpu, vmcb);',
      ),
      'unknown save.rax',
    ],
    [
      'one that a caller is given',
      `static void through(struct kvm_vcpu *vcpu, struct vmcb *vmcb)\n{\n\tf(vcpu, vmcb);\n}\n${calling('\tthrough(vcpu, svm->vmcb);')}`,
      'vmcb save.rax',
    ],
    ['one that only its callback is', 'static void *callback = f;\n', 'unknown save.rax'],
    ['one that nobody gives', '', 'unknown save.rax'],
    ['one that is made', calling('\tf(vcpu, kzalloc(sizeof(struct vmcb), 0));'), 'unknown save.rax'],
    [
      'itself, by a call of its own',
      'void g(struct kvm_vcpu *vcpu, struct vmcb *vmcb)\n{\n\tf(vcpu, vmcb);\n\tg(vcpu, vmcb);\n}',
      'unknown save.rax',
    ],
  ])('is %s', async (_, callers, expected) => {
    expect(await moves(STORE + callers)).toEqual([`f: -> ${expected}`]);
  });

  it('may be its save area alone', async () => {
    const load = `
static void f(struct kvm_vcpu *vcpu, struct vmcb_save_area *save)
{
	vcpu->arch.regs[VCPU_REGS_RAX] = save->rax;
}
`;
    expect(await moves(load + calling('\tf(vcpu, &svm->vmcb->save);'))).toEqual(['f: <- vmcb save.rax']);
    expect(await moves(load + calling('\tstruct vmcb_save_area *save = &svm->vmcb->save;\n\tf(vcpu, save);'))).toEqual([
      'f: <- vmcb save.rax',
    ]);
    expect(await moves(load + calling('\tf(vcpu, svm->sev_es.vmsa);'))).toEqual(['f: <- vmsa save.rax']);
    expect(await moves(load + calling('\tstruct vmcb_save_area copy;\n\tf(vcpu, &copy);'))).toEqual([
      'f: <- unknown save.rax',
    ]);
  });
});

describe('a save area that is copied to a VMSA', () => {
  const store = '\tsave->rax = vcpu->arch.regs[VCPU_REGS_RAX];';
  const copy = '\tmemcpy(svm->sev_es.vmsa, save, sizeof(*save));';
  it.each([
    ['behind the write', `${store}\n${copy}`, 'vmsa'],
    ['by its own name', `${store}\n${copy.replace('save,', '&svm->vmcb->save,')}`, 'vmsa'],
    ['before the write', `${copy}\n${store}`, 'vmcb'],
    ['in one case only', `${store}\n\tif (vcpu->arch.cr3)\n\t${copy}`, 'vmcb'],
    ['from elsewhere', `${store}\n${copy.replace('save,', '&svm->nested.hsave->save,')}`, 'vmcb'],
    ['to elsewhere', `${store}\n${copy.replace('svm->sev_es.vmsa', 'buffer')}`, 'vmcb'],
  ])('%s', async (_, body, kind) => {
    const text = calling(`\tstruct vmcb_save_area *save = &svm->vmcb->save;\n${body}`);
    expect(await moves(text)).toEqual([`g: -> ${kind} save.rax`]);
  });
});
