import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE, factsOf, kindsAt, referencesAt, withCursors } from './fixture.js';

describe('kinds of references', () => {
  it.each([
    ['a slot that is read', 'a = vcpu->arch.regs[$0VCPU_REGS_RAX];', 'read VCPU_REGS_RAX'],
    ['a slot that is written', 'vcpu->arch.regs[$0VCPU_REGS_RAX] = a;', 'write VCPU_REGS_RAX'],
    ['a slot that is updated', 'vcpu->arch.regs[$0VCPU_REGS_RAX] |= a;', 'readwrite VCPU_REGS_RAX'],
    ['a slot that counts on', 'vcpu->arch.regs[$0VCPU_REGS_RAX]++;', 'readwrite VCPU_REGS_RAX'],
    ["a slot's address", 'f(&vcpu->arch.regs[$0VCPU_REGS_RAX]);', 'address VCPU_REGS_RAX'],
    ['a slot through a container', 'to_svm(vcpu)->vcpu.arch.regs[$0VCPU_REGS_RAX] = 1;', 'write VCPU_REGS_RAX'],
    ['an accessor that reads', '$0kvm_rax_read(vcpu);', 'read VCPU_REGS_RAX'],
    ['an accessor that writes', '$0kvm_rcx_write(vcpu, a);', 'write VCPU_REGS_RCX'],
    ['a hand-written accessor', '$0kvm_rsp_write(vcpu, a);', 'write VCPU_REGS_RSP'],
    ['an indexed read', 'kvm_register_read_raw(vcpu, $0VCPU_REGS_RSP);', 'read VCPU_REGS_RSP'],
    ['an indexed write', 'kvm_register_write_raw(vcpu, $0VCPU_REGS_RSP, a);', 'write VCPU_REGS_RSP'],
    ['a test', 'kvm_register_is_dirty(vcpu, $0VCPU_EXREG_CR3);', 'test-dirty VCPU_EXREG_CR3'],
    ['a mark', 'kvm_register_mark_available(vcpu, $0VCPU_EXREG_CR3);', 'mark-available VCPU_EXREG_CR3'],
    ['a case', 'switch (a) { case $0VCPU_REGS_RSP: break; }', 'case VCPU_REGS_RSP'],
    ['a bit', 'a = 1 << $0VCPU_REGS_RSP;', 'mask VCPU_REGS_RSP'],
    ['BIT()', 'a = BIT($0VCPU_REGS_RSP) | b;', 'mask VCPU_REGS_RSP'],
    ['BIT_ULL()', 'a = BIT_ULL($0VCPU_REGS_RSP);', 'mask VCPU_REGS_RSP'],
    [
      "a bit operation on the cache's bitmap",
      '__clear_bit($0VCPU_EXREG_CR3, (unsigned long *)&vcpu->arch.regs_avail);',
      'mark-reload VCPU_EXREG_CR3',
    ],
    [
      'a test of a mask',
      'if (!(vcpu->arch.regs_avail & (1 << $0VCPU_EXREG_CR3))) b = 1;',
      'test-available VCPU_EXREG_CR3',
    ],
    ['a test of BIT()', 'if (BIT($0VCPU_EXREG_CR3) & vcpu->arch.regs_dirty) b = 1;', 'test-dirty VCPU_EXREG_CR3'],
    [
      'a test of a shifted bitmap',
      'a = (vcpu->arch.regs_avail >> $0VCPU_EXREG_CR3) & 1;',
      'test-available VCPU_EXREG_CR3',
    ],
    ['a mark by a mask', 'vcpu->arch.regs_avail |= (1u << $0VCPU_EXREG_CR3);', 'mark-available VCPU_EXREG_CR3'],
    [
      'a mark of several',
      'vcpu->arch.regs_dirty |= (1 << VCPU_EXREG_CR3) | BIT((int)$0VCPU_REGS_RSP);',
      'mark-dirty VCPU_REGS_RSP',
    ],
    ['a mask that is cleared', 'vcpu->arch.regs_avail &= ~(1 << $0VCPU_EXREG_CR3);', 'mask VCPU_EXREG_CR3'],
    [
      'a test of several',
      'a = vcpu->arch.regs_avail & (BIT($0VCPU_EXREG_CR3) | BIT(VCPU_REGS_RSP));',
      'mask VCPU_EXREG_CR3',
    ],
    ['an argument of another function', 'f(vcpu, $0VCPU_REGS_RSP);', 'argument VCPU_REGS_RSP'],
    ['a comparison', 'if (a == $0VCPU_REGS_RSP) b = 1;', 'other VCPU_REGS_RSP'],
    ['the count of registers', 'for (a = 0; a < $0NR_VCPU_REGS; a++) b++;', 'other NR_VCPU_REGS'],
    ['a field', 'a = vcpu->arch.$0cr3;', 'indirect read VCPU_EXREG_CR3'],
    ['a field that is written', 'vcpu->arch.$0cr3 = a;', 'indirect write VCPU_EXREG_CR3'],
    ['an element of a field', 'vcpu->arch.$0pdptrs[1] = a;', 'indirect write VCPU_EXREG_PDPTR'],
    ['a wrapper', '$0kvm_read_edx_eax(vcpu);', 'indirect read VCPU_REGS_RAX, indirect read VCPU_REGS_RDX'],
  ])('%s', async (_what, body, kind) => {
    expect(await kindsAt(body)).toEqual([kind]);
  });

  it.each([
    ['a field of the same name in another struct', 'struct other *o = f(); o->$0cr3 = 1; o->x.$0regs[1] = 2;'],
    ['a struct with an `arch` that is no vCPU', 'struct kvm_arch_async_pf *p = f(); p->arch.$0cr3 = 1;'],
    ['a name that only begins alike', '$0kvm_rax_read_foo(vcpu); $0kvm_register_irq_ack(vcpu);'],
    ['an accessor that is not called', 'f($0kvm_rax_read);'],
    ['a comment and a string', '/* $0VCPU_REGS_RAX */ f("$0VCPU_REGS_RAX");'],
    ['another array', 'unsigned long regs[16]; regs[$0a] = 1;'],
  ])('none: %s', async (_what, body) => {
    expect((await kindsAt(body)).filter((kind) => kind !== '')).toEqual([]);
  });
});

describe('references in generic code', () => {
  it.each([
    ['arch/x86/kvm/x86.h', false],
    ['include/linux/kvm_host.h', true],
    ['virt/kvm/kvm_main.c', true],
    // A tree that begins at arch/x86.
    ['include/asm/kvm_para.h', false],
  ])('are indirect: %s', async (path, isIndirect) => {
    const { files } = await modelOf({ ...CACHE, [path]: '#define last_rip(vcpu) kvm_rsp_read(vcpu)\n' });
    expect(files.get(path)?.references).toMatchObject([{ register: 'VCPU_REGS_RSP', isIndirect }]);
  });
});

describe('places of references', () => {
  it('tell the function, the name as written and where it is', async () => {
    const [[reference] = []] = await referencesAt('a = $0kvm_rax_read(vcpu);');
    expect(reference).toMatchObject({
      via: 'kvm_rax_read',
      function: 'code',
      register: 'VCPU_REGS_RAX',
      isIndirect: false,
    });
    expect((reference?.end ?? 0) - (reference?.start ?? 0)).toBe('kvm_rax_read'.length);
  });

  /** Kind, register and function of the references at the cursors of a whole file. */
  async function atTop(marked: string): Promise<string[]> {
    const { text, cursors } = withCursors(marked);
    const { references } = await factsOf(text);
    return cursors.map((cursor) =>
      references
        .filter((reference) => reference.start === cursor)
        .map(
          (r) =>
            `${r.kind} ${r.register ?? 'null'} in ${r.function ?? 'no function'} under [${r.guards.map(guardText).join(', ')}]`,
        )
        .join('; '),
    );
  }

  it('are none where an argument is missing', async () => {
    const { references } = await factsOf(
      'static void code(struct kvm_vcpu *vcpu)\n{\n\tkvm_register_mark_available(//vcpu, VCPU_REGS_RAX);\n\tkvm_rsp_write(vcpu, 1);\n}\n',
    );
    expect(references.filter(({ start, end }) => start >= end)).toEqual([]);
  });

  it('in a macro body are at their own line, under its #if', async () => {
    const marked =
      '#ifdef CONFIG_A\n#define SET (1 << $0VCPU_REGS_RSP) | \\\n\tBIT($0VCPU_EXREG_CR3)\n#endif\n#define F(v) $0kvm_rax_read(v)\n';
    expect(await atTop(marked)).toEqual([
      'mask VCPU_REGS_RSP in no function under [CONFIG_A]',
      'mask VCPU_EXREG_CR3 in no function under [CONFIG_A]',
      'read VCPU_REGS_RAX in no function under []',
    ]);
  });

  it('in an object are there too', async () => {
    expect(
      await atTop(
        'static const int table[] = {\n\t[0] = $0VCPU_REGS_RAX,\n#if B\n\t[1] = $0VCPU_REGS_RCX,\n#endif\n};\n',
      ),
    ).toEqual(['other VCPU_REGS_RAX in no function under []', 'other VCPU_REGS_RCX in no function under [B]']);
  });

  it('declare and define', async () => {
    const { text, cursors } = withCursors(
      'enum kvm_reg { $0VCPU_REGS_RAX = $0__VCPU_REGS_RAX, $0VCPU_REGS_RCX };\n#define $0__VCPU_REGS_RAX 0\n',
    );
    const path = 'arch/x86/include/asm/kvm_host.h';
    const references = (await modelOf({ [path]: text })).files.get(path)?.references ?? [];
    const found = cursors.map((cursor) =>
      references.filter((r) => r.start === cursor).map((r) => `${r.kind} ${r.register ?? ''}`),
    );
    expect(found).toEqual([
      ['declare VCPU_REGS_RAX'],
      ['other VCPU_REGS_RAX'],
      ['declare VCPU_REGS_RCX'],
      ['define VCPU_REGS_RAX'],
    ]);
  });

  it('define at the use of a macro that makes accessors, also where it is in another file than the macro', async () => {
    expect(await atTop('$0BUILD_KVM_GPR_ACCESSORS(rbx, RBX)\n')).toEqual([
      'define VCPU_REGS_RBX in no function under []',
    ]);
  });

  it('are given once for code outside of the branches of an #if, and in each branch', async () => {
    const marked =
      'static void f(struct kvm_vcpu *vcpu)\n{\n\t$0kvm_rax_read(vcpu);\n#ifdef A\n\t$0kvm_rcx_read(vcpu);\n#else\n\t$0kvm_rcx_write(vcpu, 1);\n#endif\n}\n';
    expect(await atTop(marked)).toEqual([
      'read VCPU_REGS_RAX in f under []',
      'read VCPU_REGS_RCX in f under [A]',
      'write VCPU_REGS_RCX in f under [!A]',
    ]);
  });

  it('are none in a comment that holds a directive', async () => {
    const comment = '/*\n#if 0\n\tkvm_rcx_read(vcpu);\n#endif\n */\n';
    expect(await kindsAt(`${comment.replace('kvm', '$0kvm')}\t$0kvm_rax_read(vcpu);`)).toEqual([
      '',
      'read VCPU_REGS_RAX',
    ]);
  });

  it('are found below a head that is the use of a macro', async () => {
    const { text, cursors } = withCursors(
      'SYSCALL_DEFINE(f, struct kvm_vcpu *, vcpu)\n{\n\treturn $0kvm_rax_read(vcpu);\n}\n',
    );
    expect((await factsOf(text)).references.map((reference) => reference.start)).toEqual(cursors);
  });

  it('survive a function that is broken elsewhere, with a problem that names it', async () => {
    const text =
      'static int f(struct kvm_vcpu *vcpu)\n{\n\tif (a) @@ {\n\treturn kvm_rax_read(vcpu);\n}\nstatic int g(struct kvm_vcpu *vcpu)\n{\n\treturn kvm_rcx_read(vcpu);\n}\n';
    const { references, problems } = await factsOf(text);
    expect(references.map((r) => `${r.function ?? ''} ${r.kind} ${r.register ?? ''}`)).toEqual([
      'f read VCPU_REGS_RAX',
      'g read VCPU_REGS_RCX',
    ]);
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringMatching(/^f: /)]);
  });
});

describe('indices known at run time', () => {
  it.each([
    ['a mask', 'kvm_register_read_raw(vcpu, $0a & 15);', { text: 'a & 15', bits: 4, shift: 0 }],
    [
      'a shift and a mask',
      'kvm_register_read_raw(vcpu, $0(a >> 28) & 0xf);',
      { text: '(a >> 28) & 0xf', bits: 4, shift: 28 },
    ],
    [
      'by way of a variable',
      'int reg = (a >> 8) & 15;\n\tkvm_register_write_raw(vcpu, $0reg, 1);',
      { text: '(a >> 8) & 15', bits: 4, shift: 8 },
    ],
    ['five bits', 'vcpu->arch.regs[$0a & 31] = 1;', { text: 'a & 31', bits: 5, shift: 0 }],
    ['a parameter', 'b = kvm_register_read_raw(vcpu, $0a) + 1;', { text: 'parameter a', bits: null, shift: null }],
    [
      'a variable of several values',
      'int i;\n\ti = 1; i = 2;\n\tkvm_register_read_raw(vcpu, $0i);',
      { text: 'i', bits: null, shift: null },
    ],
    ['a mask that is none', 'kvm_register_read_raw(vcpu, $0a & 6);', { text: 'a & 6', bits: null, shift: 0 }],
    ['a macro for the mask', 'kvm_register_read_raw(vcpu, $0a & MASK);', { text: 'a & MASK', bits: 4, shift: 0 }],
  ])('%s', async (_what, body, index) => {
    const [[reference] = []] = await referencesAt(body, {
      'arch/x86/kvm/mask.h': '#define MASK GEN(4)\n#define GEN(n) ((1 << n) - 1)\n',
    });
    expect(reference).toMatchObject({ register: null, via: index.text, index });
  });

  it('are not told inside a function that only passes the number on', async () => {
    const text =
      'static unsigned long get(struct kvm_vcpu *vcpu, int n)\n{\n\treturn kvm_register_read_raw(vcpu, n);\n}\n';
    expect((await factsOf(text)).references).toEqual([]);
  });
});
