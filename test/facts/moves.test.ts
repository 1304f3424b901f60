import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import type { Move } from '../../server/src/facts/registers/moves.js';
import { factsOf } from './fixture.js';

const STRUCTS = `
struct vmcb_save_area { u64 rax; u64 rsp; u64 rip; };
struct vmcb { struct vmcb_save_area save; };
struct vcpu_svm { struct kvm_vcpu vcpu; struct vmcb *vmcb; };
static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_svm, vcpu); }
`;

function shown({ from, to, guards, other }: Move): string {
  const side = (place: Move['from']) => (place ? `${place.kind} ${place.name}` : other === '' ? '-' : `(${other})`);
  return [`${side(from)} -> ${side(to)}`, ...guards.map((guard) => `if ${guardText(guard)}`)].join(' ');
}

/** The moves of a function around `body`. */
async function moves(body: string): Promise<string[]> {
  const text = `static unsigned long code(struct kvm_vcpu *vcpu, unsigned long val)\n{\n\tstruct vcpu_svm *svm = to_svm(vcpu);\n${body}\n}\n`;
  const { functions } = await factsOf(text, { 'arch/x86/kvm/svm/svm.h': STRUCTS });
  return (functions.find(({ facts }) => facts.name === 'code')?.facts.moves ?? []).map(shown);
}

describe('moves', () => {
  it.each([
    [
      'an assignment',
      'vcpu->arch.regs[VCPU_REGS_RAX] = svm->vmcb->save.rax;',
      ['vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX]'],
    ],
    [
      'the other way',
      'svm->vmcb->save.rsp = vcpu->arch.regs[VCPU_REGS_RSP];',
      ['cache arch.regs[VCPU_REGS_RSP] -> vmcb save.rsp'],
    ],
    [
      'an accessor that writes',
      'kvm_rax_write(vcpu, svm->vmcb->save.rax);',
      ['vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX]'],
    ],
    [
      'an accessor that reads',
      'svm->vmcb->save.rax = kvm_rax_read(vcpu);',
      ['cache arch.regs[VCPU_REGS_RAX] -> vmcb save.rax'],
    ],
    [
      'a VMCS field',
      'vmcs_writel(GUEST_RSP, kvm_rsp_read(vcpu));',
      ['cache arch.regs[VCPU_REGS_RSP] -> vmcs GUEST_RSP'],
    ],
    ['a VMCS field into a field', 'vcpu->arch.cr3 = vmcs_readl(GUEST_CR3);', ['vmcs GUEST_CR3 -> cache arch.cr3']],
    [
      'the GHCB',
      'vcpu->arch.regs[VCPU_REGS_RCX] = kvm_ghcb_get_rcx_if_valid(svm, ghcb);',
      ['ghcb rcx -> cache arch.regs[VCPU_REGS_RCX]'],
    ],
    ['into the GHCB', 'ghcb_set_rax(ghcb, kvm_rax_read(vcpu));', ['cache arch.regs[VCPU_REGS_RAX] -> ghcb rax']],
    [
      'an indexed write',
      'kvm_register_write_raw(vcpu, VCPU_REGS_RSP, vmcs_readl(GUEST_RSP));',
      ['vmcs GUEST_RSP -> cache arch.regs[VCPU_REGS_RSP]'],
    ],
    [
      'under guards',
      'if (a) kvm_rax_write(vcpu, svm->vmcb->save.rax);',
      ['vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX] if a'],
    ],
    [
      'by way of a variable, with its guards',
      'unsigned long v;\n\tif (a) v = vmcs_readl(GUEST_CR3);\n\telse v = svm->vmcb->save.rax;\n\tvcpu->arch.cr3 = v;',
      ['vmcs GUEST_CR3 -> cache arch.cr3 if a', 'vmcb save.rax -> cache arch.cr3 if !(a)'],
    ],
    [
      'through a pointer to the array',
      'unsigned long *r = vcpu->arch.regs;\n\tr[VCPU_REGS_RAX] = svm->vmcb->save.rax;',
      ['vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX]'],
    ],
    [
      'through a pointer to a place',
      'u64 *p = &svm->vmcb->save.rip;\n\t*p = kvm_rax_read(vcpu);',
      ['cache arch.regs[VCPU_REGS_RAX] -> vmcb save.rip'],
    ],
    [
      'through a pointer to the struct',
      'struct vmcb_save_area *save = &svm->vmcb->save;\n\tkvm_rax_write(vcpu, save->rax);',
      ['vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX]'],
    ],
    [
      'memcpy',
      'u64 p[4];\n\tkvm_read_guest_page(vcpu->kvm, 0, p, 0, 32);\n\tmemcpy(vcpu->arch.pdptrs, p, sizeof(p));',
      ['memory guest memory -> cache arch.pdptrs'],
    ],
    ['a constant', 'kvm_rax_write(vcpu, 0);', ['(0) -> cache arch.regs[VCPU_REGS_RAX]']],
    ['what is given', 'kvm_rax_write(vcpu, val);', ['(val) -> cache arch.regs[VCPU_REGS_RAX]']],
    ['what is returned', 'return svm->vmcb->save.rax;', ['vmcb save.rax -> -']],
    ['what is tested', 'if (vmcs_readl(GUEST_CR3)) f();', ['vmcs GUEST_CR3 -> -']],
    ['what is handed on', 'f(svm->vmcb->save.rax);', ['vmcb save.rax -> -']],
    [
      "the line of hardware's read, by way of variables",
      'unsigned long a = svm->vmcb->save.rip, b = a & 7;\nvcpu->arch.cr3 = b;',
      ['vmcb save.rip -> cache arch.cr3'],
    ],
    [
      'a VMCS field behind the vCPU',
      'vmcs_writel(vcpu, GUEST_RSP, kvm_rsp_read(vcpu));',
      ['cache arch.regs[VCPU_REGS_RSP] -> vmcs GUEST_RSP'],
    ],
    [
      "a VMCS field behind a vendor's vCPU",
      'vcpu->arch.cr3 = vmcs_readl(svm, GUEST_CR3);',
      ['vmcs GUEST_CR3 -> cache arch.cr3'],
    ],
    ['a value before the vCPU', 'vmcs_writel(GUEST_CR3, vcpu->arch.cr3, vcpu);', ['cache arch.cr3 -> vmcs GUEST_CR3']],
    ['not what chooses', 'kvm_rax_write(vcpu, svm->vmcb->save.rip ? 1 : 2);', ['vmcb save.rip -> -']],
  ])('%s', async (_what, body, expected) => {
    const found = await moves(body);
    for (const move of expected) expect(found).toContain(move);
  });

  it.each([
    ['no places', 'int a = 1; a = f(a); g(&a);'],
    ['a struct of the same members that is no place', 'struct other *o = f(vcpu); o->save2.rax = 1;'],
    ['a function that begins alike', 'vmcs_write_something(GUEST_RSP, val);'],
  ])('none: %s', async (_what, body) => {
    expect(await moves(body)).toEqual([]);
  });

  it('of a VMCB that the guest does not run on are nested state', async () => {
    const from = async (vmcb: string, before = '') => {
      const [move] = await moves(`${before}\nkvm_rax_write(vcpu, ${vmcb}->save.rax);`);
      return move;
    };
    const nested = 'nested vmcb12.save.rax -> cache arch.regs[VCPU_REGS_RAX]';
    expect(await from('nested_vmcb')).toBe(nested);
    expect(await from('nested_vmcb', 'struct vmcb *nested_vmcb = f();')).toBe(nested);
    expect(await from('vmcb', 'struct vmcb *vmcb = nested_svm_map(svm, val, &page);\nvmcb = map.hva;')).toBe(nested);
    expect(await from('l1', 'struct vmcb *l1 = kmap(page);')).toBe(nested);
    expect(await from('hsave', 'struct vmcb *hsave = svm->nested.hsave;')).toBe(
      'nested hsave.save.rax -> cache arch.regs[VCPU_REGS_RAX]',
    );
    expect(await from('a', 'struct vmcb *hsave = f(), *a = hsave;')).toBe(
      'nested hsave.save.rax -> cache arch.regs[VCPU_REGS_RAX]',
    );
    expect(await from('a', 'struct vmcb *a = svm->vmcb;')).toBe('vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX]');
  });

  it('of a save area in a struct that is not known are of no known VMCB, wherever that hangs', async () => {
    const unknown = 'unknown save.rax -> cache arch.regs[VCPU_REGS_RAX]';
    expect(await moves('kvm_rax_write(vcpu, svm->nested->save.rax);')).toEqual([unknown]);
    expect(await moves('kvm_rax_write(vcpu, to_svm(vcpu)->other.save.rax);')).toEqual([unknown]);
    expect(await moves('struct some *nested = svm->l1;\nkvm_rax_write(vcpu, nested->save.rax);')).toEqual([unknown]);
    expect(await moves('kvm_rax_write(vcpu, to_svm(vcpu)->vmcb->save.rax);')).toEqual([
      'vmcb save.rax -> cache arch.regs[VCPU_REGS_RAX]',
    ]);
  });

  it('come from the definitions that reach them', async () => {
    const into = async (body: string) =>
      (await moves(`unsigned long a;\n${body}\nvcpu->arch.cr3 = a;`)).filter((m) => m.includes('-> cache'));
    const rip = 'vmcb save.rip -> cache arch.cr3';
    const rsp = 'vmcb save.rsp -> cache arch.cr3';
    expect(await into('a = svm->vmcb->save.rip; a = svm->vmcb->save.rsp;')).toEqual([rsp]);
    expect(await into('a = svm->vmcb->save.rip; if (val) a = svm->vmcb->save.rsp;')).toEqual([rip, `${rsp} if val`]);
    expect(
      await into('a = svm->vmcb->save.rax; if (val) a = svm->vmcb->save.rip; else a = svm->vmcb->save.rsp;'),
    ).toEqual([`${rip} if val`, `${rsp} if !(val)`]);
    expect(await into('if (val) { a = svm->vmcb->save.rip; return 0; } a = svm->vmcb->save.rsp;')).toEqual(
      [rsp].map((m) => `${m} if !(val)`),
    );
    expect(await into('a = 1; a = tables[svm->vmcb->save.rip]; a = vcpu->db[a];')).toEqual(['(a) -> cache arch.cr3']);
  });

  it("are where hardware's value is read, and where it is written", async () => {
    const text = `
void f(struct kvm_vcpu *vcpu)
{
	unsigned long a = vmcs_readl(GUEST_CR3);

	vcpu->arch.cr3 = a;
	a = vcpu->arch.cr3;
	vmcs_writel(GUEST_CR3, a);
}
`;
    const [fn] = (await factsOf(text)).functions;
    expect(fn?.facts.moves.map(({ offset }) => text.slice(fn.start + offset).split(';')[0])).toEqual([
      'vmcs_readl(GUEST_CR3)',
      'vmcs_writel(GUEST_CR3, a)',
    ]);
  });

  it('tell a value that is only changed', async () => {
    const { functions } = await factsOf(
      'void f(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.cr3 |= vmcs_readl(GUEST_CR3);\n}\n',
    );
    expect(functions[0]?.facts.moves).toMatchObject([
      { isPartial: true, from: { name: 'GUEST_CR3' }, to: { register: 'VCPU_EXREG_CR3' } },
    ]);
  });

  it('tell a number that the function was given, also by way of a variable, from a machine', async () => {
    const text =
      'void f(struct kvm_vcpu *vcpu, unsigned long cr3)\n{\n\tunsigned long v = cr3 & ~1;\n\n\tvcpu->arch.cr3 = v;\n}\nvoid g(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.cr3 = h(vcpu);\n}\n';
    const { functions } = await factsOf(text);
    expect(functions.map(({ facts }) => facts.moves.map((move) => move.isGiven))).toEqual([[true], [false]]);
  });

  it('are read in each branch of an #if once', async () => {
    expect(
      await moves('kvm_rax_write(vcpu, 0);\n#ifdef A\nkvm_rax_write(vcpu, 1);\n#else\nkvm_rax_write(vcpu, 2);\n#endif'),
    ).toEqual([
      '(0) -> cache arch.regs[VCPU_REGS_RAX]',
      '(1) -> cache arch.regs[VCPU_REGS_RAX] if A',
      '(2) -> cache arch.regs[VCPU_REGS_RAX] if !A',
    ]);
  });
});

describe("the emulator's copy", () => {
  it.each([
    ['of its context', 'struct x86_emulate_ctxt { unsigned long _regs[16]; };', 'ctxt->_regs', '_regs'],
    [
      'of a struct in its context, which is also pointed to',
      'struct decode_cache { unsigned long regs[16]; };\nstruct x86_emulate_ctxt { struct decode_cache decode; };',
      'c->regs',
      'decode.regs',
    ],
  ])('is an array %s', async (_what, structs, array, name) => {
    const text = `
void f(struct x86_emulate_ctxt *ctxt, struct kvm_vcpu *vcpu)
{
	struct decode_cache *c = &ctxt->decode;

	${array}[VCPU_REGS_RAX] = vcpu->arch.regs[VCPU_REGS_RAX];
}
`;
    const { functions } = await factsOf(text, { 'arch/x86/kvm/kvm_emulate.h': structs });
    expect(functions[0]?.facts.moves.map(shown)).toEqual([
      `cache arch.regs[VCPU_REGS_RAX] -> emulator ${name}[VCPU_REGS_RAX]`,
    ]);
  });
});

it("a vCPU's array is none of the emulator's, though its context points to the vCPU", async () => {
  const text = `
void f(struct x86_emulate_ctxt *ctxt, struct kvm_vcpu *vcpu)
{
	vcpu->regs[VCPU_REGS_RAX] = vcpu->arch.regs[VCPU_REGS_RAX];
	ctxt->vcpu->regs[VCPU_REGS_RCX] = vcpu->arch.regs[VCPU_REGS_RCX];
}
`;
  const emulator = `
struct kvm_vcpu { unsigned long regs[16]; struct kvm_vcpu_arch arch; };
struct x86_emulate_ctxt { struct kvm_vcpu *vcpu; };
`;
  const { functions } = await factsOf(text, { 'arch/x86/kvm/kvm_emulate.h': emulator });
  const { moves = [] } = functions[0]?.facts ?? {};
  expect(moves.filter(({ from, to }) => from?.kind === 'emulator' || to?.kind === 'emulator')).toEqual([]);
});

describe('clears', () => {
  it('are memsets of the whole array, with guards', async () => {
    const text =
      'void f(struct kvm_vcpu *vcpu)\n{\n\tif (a)\n\t\tmemset(vcpu->arch.regs, 0, sizeof(vcpu->arch.regs));\n\tmemset(other.regs, 0, 8);\n}\n';
    const [fn] = (await factsOf(text)).functions;
    const clears = fn?.facts.clears.map(({ offset, guards }) => ({ offset, guards: guards.map(guardText) }));
    expect(clears).toEqual([{ offset: text.indexOf('memset'), guards: ['a'] }]);
  });
});
