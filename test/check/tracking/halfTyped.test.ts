import { beforeAll, describe, expect, it } from 'vitest';
import { checkTree, unjudged } from '../../../server/src/check/checkTree.js';
import { TRACKING_RULES } from '../../../server/src/check/tracking/trackingRules.js';
import { treeReading, type TreeReading, type TreeText } from '../../../server/src/model/readTree.js';
import { parser, treeAt } from '../../engine.js';
import { samplePath } from '../../samples.js';

/** The files of the sample that declare what the rules look for, or use it, with how many positions of each are tried: every nth. */
const FILES: readonly (readonly [path: string, every: number])[] = [
  ['arch/x86/include/asm/kvm_host.h', 5],
  ['arch/x86/include/asm/kvm_vcpu_regs.h', 2],
  ['arch/x86/kvm/regs.h', 7],
  ['arch/x86/kvm/vmx/vmx.h', 4],
  ['arch/x86/kvm/vmx/vmx.c', 11],
  ['arch/x86/kvm/svm/svm.c', 11],
];

describe('code that is half typed', () => {
  let tree: TreeText;
  let read: TreeReading;
  beforeAll(async () => {
    tree = treeAt(samplePath('load-store-regs'));
    read = treeReading(await parser());
  });

  const withText = (path: string, text: string): TreeText => ({
    ...tree,
    files: tree.files.map((file) => (file.path === path ? { path, text } : file)),
  });
  const textOf = (path: string) => tree.files.find((file) => file.path === path)?.text ?? '';
  const findingsOf = (changed: TreeText) => checkTree(read(changed), TRACKING_RULES).map(({ message }) => message);

  it.each(FILES)(
    'brings no finding for a bracket, a comma or a semicolon that is missing in %s',
    (path, every) => {
      const text = textOf(path);
      const positions = Array.from(text.matchAll(/[{}();,]/g), ({ index }) => index).filter((_, i) => i % every === 0);
      expect(positions.length).toBeGreaterThan(5);
      const invented = positions.flatMap((at) => {
        const found = findingsOf(withText(path, text.slice(0, at) + text.slice(at + 1)));
        // `return` without its semicolon returns what the next line calls: C, and what it says.
        const isMeant = text.slice(0, at).endsWith('return');
        return found.length > 0 && !isMeant
          ? `${path}:${String(text.slice(0, at).split('\n').length)} ${found.join()}`
          : [];
      });
      expect(invented).toEqual([]);
    },
    60_000,
  );

  /** What each mark is mistaken for. */
  const CHANGED: Readonly<Record<string, string>> = { '{': '(', '}': ')', '(': '[', ')': ']', ';': ',', ',': ';' };

  // In kvm_vcpu_regs.h, `.ifc a,,b` is assembly, and what it says.
  it.each([...FILES.filter(([path]) => !path.endsWith('kvm_vcpu_regs.h')), ['arch/x86/kvm/svm/vmenter.S', 3] as const])(
    'brings no finding for one that is doubled, or another, in %s',
    (path, every) => {
      const text = textOf(path);
      const marks = Array.from(text.matchAll(/[{}();,]/g)).filter((_, i) => i % (4 * every) === 1);
      expect(marks.length).toBeGreaterThan(2);
      const invented = marks.flatMap(({ index, 0: mark }) =>
        [mark + mark, CHANGED[mark] ?? ''].flatMap((by) => {
          const found = findingsOf(withText(path, text.slice(0, index) + by + text.slice(index + 1)));
          return found.length > 0
            ? `${path}:${String(text.slice(0, index).split('\n').length)} ${by} ${found.join()}`
            : [];
        }),
      );
      expect(invented).toEqual([]);
    },
    60_000,
  );

  it.each([...FILES.filter(([path]) => !path.endsWith('kvm_vcpu_regs.h')), ['arch/x86/kvm/svm/sev.c', 1] as const])(
    'brings no finding for a dot or an arrow that is missing in %s',
    (path, every) => {
      const text = textOf(path);
      const marks = Array.from(text.matchAll(/(?<=\w)(?:->|\.)(?=[a-z])/g)).filter((_, i) => i % (3 * every) === 0);
      const invented = marks.flatMap(({ index, 0: mark }) => {
        const found = findingsOf(withText(path, text.slice(0, index) + text.slice(index + mark.length)));
        return found.length > 0 ? `${path}:${String(text.slice(0, index).split('\n').length)} ${found.join()}` : [];
      });
      expect(invented).toEqual([]);
    },
    60_000,
  );

  it.each([
    ['arch/x86/kvm/svm/svm.c', 'unsigned long cr3 = root_hpa', 'unsigned long cr3 root_hpa', /could not be read as C/],
    ['arch/x86/kvm/svm/vmenter.S', '%r11,', '%,', /no instruction is written so/],
    ['arch/x86/kvm/svm/vmenter.S', '%r8,', '%r8]', /no instruction is written so/],
    ['arch/x86/kvm/svm/vmenter.S', 'STORE_REGS %', '%', /no instruction is written so/],
    ['arch/x86/kvm/svm/vmenter.S', 'STORE_REGS %', 'STORE_REGS STORE_REGS %', /no instruction is written so/],
    [
      'arch/x86/kvm/regs.h',
      'struct kvm_vcpu *vcpu, int reg)',
      'struct kvm_vcpu *vcpu, int )',
      /a parameter has no name/,
    ],
    ['arch/x86/kvm/regs.h', 'vcpu->arch.regs_avail[0] &=', 'vcpu->archregs_avail[0] &=', /a \. or a -> is missing/],
    ['arch/x86/kvm/svm/sev.c', 'save->rcx', 'savercx', /a \. or a -> is missing/],
    [
      'arch/x86/kvm/vmx/vmenter.S',
      'LOAD_REGS %_ASM_DI,',
      'LOAD_REGS %_ASM_DI,,',
      /an argument is missing, or one is too many/,
    ],
    ['arch/x86/include/asm/kvm_vcpu_regs.h', '.irp num, 8,', '.irp num, 8;', /no instruction is written so/],
    ['arch/x86/kvm/regs.h', '__BUILD_KVM_GPR_ACCESSORS(r8, R8)', '(r8, R8)', /a word is missing/],
    ['arch/x86/kvm/regs.h', '__BUILD_KVM_GPR_ACCESSORS(r15, R15)', '(r15, R15)', /a word is missing/],
    ['arch/x86/kvm/regs.h', 'ACCESSORS(r12, R12)', 'ACCESSORS(r12, R1)', /makes nothing here/],
    ['arch/x86/kvm/regs.h', 'return vcpu->arch.regs[reg];', 'return vcpu->arch.regs[re];', /nothing is called re;/],
    ['arch/x86/kvm/regs.h', 'vcpu->arch.regs_dirty[0]', 'arch->arch.regs_dirty[0]', /nothing is called arch;/],
    [
      'arch/x86/kvm/regs.h',
      '__clear_bit(reg, vcpu->arch.regs_dirty)',
      '__clear_bit(reg, vcpu->arch.static)',
      /no name/,
    ],
    ['arch/x86/kvm/regs.h', 'kvm_x86_call(cache_reg)(vcpu, reg)', 'kvm_x86_call(cache_re)(vcpu, reg)', /no operation/],
    [
      'arch/x86/kvm/svm/sev.c',
      'svm->vcpu.arch.regs[VCPU_REGS_RAX]',
      'svm->vcp.arch.regs[VCPU_REGS_RAX]',
      /has no member vcp;/,
    ],
    ['arch/x86/kvm/svm/sev.c', 'regs[VCPU_REGS_R8]', 'regs[save]', /save is no register's number/],
    ['arch/x86/kvm/svm/svm.c', 'vmcb->save.rip = vcpu', 'vmcb->sav.rip = vcpu', /has no member sav;/],
    [
      'arch/x86/kvm/vmx/vmx.c',
      'vmcs_write64(GUEST_PDPTR1,',
      'vmcs_write64(GUEST_PDPTR,',
      /nothing is called GUEST_PDPTR;/,
    ],
    ['arch/x86/kvm/vmx/vmx.c', 'int vmx_vcpu_run(struct kvm_vcpu', 'int vmx_vcpu_run(kvm_vcpu', /struct is missing/],
    ['arch/x86/kvm/vmx/vmx.c', 'case VCPU_REGS_RSP:', 'case vcpu:', /a case is no constant/],
    ['arch/x86/kvm/vmx/vmx.h', 'BIT(VCPU_REG_RIP)', 'BIT(VCPU_REG_RI)', /VCPU_REG_RI is no register's bit/],
    ['arch/x86/kvm/vmx/vmx.h', 'BIT(VCPU_REG_RIP)', 'BIT()', /BIT is no register's bit/],
    [
      'arch/x86/kvm/x86.c',
      'kvm_rbp_write_raw(vcpu, regs->rbp)',
      'kvm_rbp_write_ra(vcpu, regs->rbp)',
      /nothing is called kvm_rbp/,
    ],
    ['arch/x86/kvm/x86.c', 'kvm_r14_read_raw(vcpu)', 'vcpu(vcpu)', /vcpu is no function/],
    [
      'arch/x86/kvm/regs.h',
      'kvm_register_mark_dirty(vcpu, reg)',
      'int kvm_register_mark_dirty(vcpu, reg)',
      /an operator or a semicolon/,
    ],
    ['arch/x86/kvm/vmx/vmenter.S', '%r8, %r9', '%r, %r9', /nothing is assembled here/],
    ['arch/x86/kvm/regs.h', '__BUILD_KVM_GPR_ACCESSORS(r11, R11)', 'r11(r11, R11)', /no macro is called r11/],
    [
      'arch/x86/kvm/regs.h',
      '__BUILD_KVM_GPR_ACCESSORS(r8, R8)',
      '__BUILD_KVM_GPR_ACCESSORS(R8, R8)',
      /nothing is called kvm_r8_read_raw;/,
    ],
    ['arch/x86/kvm/regs.h', 'bool kvm_register_is_available(struct', 'bool struct(struct', /struct is no name/],
    [
      'arch/x86/kvm/regs.h',
      'kvm_x86_call(cache_reg)(vcpu, reg)',
      'kvm_x86_call()(vcpu, reg)',
      /no operation is named here/,
    ],
    [
      'arch/x86/kvm/regs.h',
      'if (!kvm_register_is_available(vcpu, VCPU_REG_PDPTR))',
      'kvm_register_is_available(!kvm_register_is_available(vcpu, VCPU_REG_PDPTR))',
      /a semicolon is missing behind a call/,
    ],
    ['arch/x86/kvm/svm/sev.c', 'regs[VCPU_REGS_R15]', 'regs[endif]', /nothing is called endif;/],
    [
      'arch/x86/kvm/regs.h',
      'vcpu->arch.regs[reg] = val;',
      'vcpu->arch.regs[reg] = kvm_register_mark_dirty;',
      /is a function, and no value/,
    ],
    [
      'arch/x86/kvm/vmx/nested.c',
      'kvm_register_mark_available(vcpu, VCPU_REG_CR3)',
      'kvm_register_mark_available(vcpu, kvm_rsp_write)',
      /kvm_rsp_write is no register's number/,
    ],
    ['arch/x86/include/asm/kvm_host.h', 'VCPU_REGS_RSP =', '=', /a name is missing in this enum/],
    ['arch/x86/include/asm/kvm_host.h', 'VCPU_REGS_R9', 'VCPU_REGS_R8', /VCPU_REGS_R8 is declared twice/],
    [
      'arch/x86/include/asm/svm.h',
      'struct vmcb_control_area control;',
      'struct vmcb_control_area control,',
      /a semicolon is missing before or behind struct/,
    ],
    ['arch/x86/kvm/regs.h', '#define ', 'define ', /a # is missing before define/],
    ['arch/x86/kvm/vmx/vmx.h', 'BIT(VCPU_REG_RIP)', 'BI(VCPU_REG_RIP)', /BI is no register's bit/],
    ['arch/x86/kvm/vmx/vmx.h', 'BIT(VCPU_REG_EXIT_INFO_2)', 'BIT(bool)', /bool is no register's bit/],
    ['arch/x86/include/asm/kvm_vcpu_regs.h', '.ifc \\r64,%rdx', '.if \\r64,%rdx', /\.if has an operand too many/],
    ['arch/x86/kvm/vmenter.h', '\tmov (\\regs_ofs', '\t(\\regs_ofs', /no instruction is written so/],
    ['arch/x86/kvm/vmenter.h', '(\\dst)', '(\\ds)', /\\ds\): no instruction is written so/],
    ['arch/x86/kvm/vmenter.h', '.endm', '->endm', /\.macro without its end/],
    [
      'arch/x86/kvm/vmenter.h',
      'dst:req, regs_ofs:req, regs:vararg',
      'dst:req, regs_ofs:req, regs regs:vararg',
      /two parameters are called regs/,
    ],
    ['arch/x86/kvm/vmenter.h', 'REG_NUM reg_num', 'reg_num', /reg_num is not defined/],
    ['arch/x86/kvm/vmx/vmenter.S', 'STORE_REGS %_ASM_DI', 'STORE_REGS $_ASM_DI', /no instruction is written so/],
    ['arch/x86/kvm/vmenter.h', '(\\src), \\reg', '(\\src), reg', /no instruction is written so/],
    ['arch/x86/kvm/svm/sev.c', 'save->r12 =', 'r12->r12 =', /nothing is called r12;/],
    ['arch/x86/kvm/x86.c', 'regs->rbx = kvm', 'reg->rbx = kvm', /nothing is called reg;/],
    ['arch/x86/kvm/x86.c', '(vcpu, regs->rdx)', '(vcpu, rdx->rdx)', /nothing is called rdx;/],
    ['arch/x86/kvm/vmx/vmx.c', 'long guest_cr3 = root_hpa', 'long root_hpa = root_hpa', /root_hpa is declared twice/],
    ['arch/x86/kvm/svm/svm.c', 'vmcb->save.rip = vcpu', 'vmcb->save.vcpu = vcpu', /has no member vcpu;/],
  ])('brings none for a word that is missing or too many: %s, %s', (path, written, by, problem) => {
    expect(textOf(path)).toContain(written);
    const model = read(withText(path, textOf(path).replace(written, by)));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toContainEqual(expect.stringMatching(problem));
  });

  it.each([
    ['vcpu-offsets', 'kvm_cache_regs.h', '&vcpu->arch.regs_dirty', '&vcpu->arch.static', /a member has no name/],
    ['vcpu-offsets', 'kvm_cache_regs.h', 'read_raw(struct kvm_vcpu', 'read_raw(struct vcpu', /called struct vcpu;/],
    ['vcpu-offsets', 'vmx/vmx.c', '\t\treturn;\n\n\tvmcs_write64', '\t\tretur;\n\n\tvmcs_write64', /called retur;/],
    ['inline-asm', 'kvm_cache_regs.h', 'kvm_x86_ops->cache_reg', 'kvm_x86_opscache_reg', /a \. or a -> is missing/],
    ['inline-asm', 'svm.c', 'void svm_cache_reg(', 'void svm_cache_re(', /nothing is called svm_cache_reg$/],
    ['inline-asm', 'svm.c', '.cache_reg = svm_cache_reg,', '.cache_reg = svm_fetch,', /nothing is called svm_fetch$/],
    ['inline-asm', 'svm.c', '.cache_reg = svm_cache_reg,', '.cache_reg = svm_cache_reg', /a comma or a = is missing/],
    ['inline-asm', 'svm.c', '.cache_reg = svm_cache_reg,', 'cache_reg = svm_cache_reg,', /a comma or a = is missing/],
    ['inline-asm', 'vmx.c', '.cache_reg = vmx', '.cache_reg vmx', /a comma or a = is missing/],
  ])('brings none where other kernels have other words: %s, %s, %s, %s', (sample, file, ...[written, by, problem]) => {
    const whole = treeAt(samplePath(sample));
    const files = whole.files.map(({ path, text }) =>
      path.endsWith(`kvm/${file}`) ? { path, text: text.replace(written, by) } : { path, text },
    );
    expect(files).not.toEqual(whole.files);
    const model = read({ ...whole, files });
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toContainEqual(expect.stringMatching(problem));
  });

  it.each([
    ['arch/x86/include/asm/kvm_host.h', 'VCPU_REGS_R15 =', 'endif ='],
    ['arch/x86/kvm/svm.c', 'arch.regs[VCPU_REGS_R10]', 'arch.regs[VCPU_REGS_R1]'],
  ])('leaves open which slot an operand of asm() is that nothing numbers: %s, %s, %s', (file, written, by) => {
    const whole = treeAt(samplePath('inline-asm'));
    const files = whole.files.map(({ path, text }) =>
      path === file ? { path, text: text.replaceAll(written, by) } : { path, text },
    );
    expect(files).not.toEqual(whole.files);
    expect(checkTree(read({ ...whole, files }), TRACKING_RULES)).toEqual([]);
  });

  it('brings none while a merge conflict is not resolved, and says where it is', () => {
    const path = 'arch/x86/kvm/regs.h';
    const text = textOf(path);
    const start = text.indexOf('static inline void kvm_register_mark_dirty');
    const end = text.indexOf('\n}\n', start) + 3;
    const fn = text.slice(start, end);
    const conflict = `<<<<<<< HEAD\n${fn}=======\n${fn}>>>>>>> branch\n`;
    const model = read(withText(path, text.slice(0, start) + conflict + text.slice(end)));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toContain(
      'a merge conflict is not resolved here: both sides are read',
    );
  });

  it.each([
    ['arch/x86/include/asm/kvm_host.h', /^\tVCPU_REGS_R8 = [^]*?(?=^\tVCPU_REGS_R15)/m],
    ['arch/x86/kvm/vmx/vmx.c', /^\tif \(kvm_register_is_dirty\(vcpu, VCPU_REGS_RSP\)\)\n.*\n/m],
    ['arch/x86/kvm/svm/svm.c', /^\t.*= svm->vmcb->save\.rax;\n/m],
    ['arch/x86/kvm/vmx/vmenter.S', /^\tSTORE_REGS [^]*?(?=^\tPOP_REGS)/m],
  ])('reads both sides of a conflict in %s, so that every register is where it is without', (path, part) => {
    const owners = ({ registers }: ReturnType<TreeReading>) =>
      registers.map(({ register, owners: all }) => [register, all.map(({ backend, sync }) => `${backend} ${sync}`)]);
    const conflict = textOf(path).replace(part, (own) => `<<<<<<< HEAD\n${own}=======\n>>>>>>> branch\n`);
    const model = read(withText(path, conflict));
    const plain = owners(read(tree)).map(([name, all]) => [name, all]);
    const found = owners(model);
    expect(found.map(([name]) => name)).toEqual(plain.map(([name]) => name));
    // Nothing is absent for sure while there is a conflict, and nothing that was found is lost.
    const lost = plain.filter(
      ([, all], i) => /lazy|eager|switched/.test(String(all)) && String(found[i]?.[1]) !== String(all),
    );
    expect(lost.filter(([name]) => !/^EXIT_INFO|^R(?:1[6-9]|2\d|3[01])$/.test(String(name)))).toEqual([]);
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
  });

  it('says of an enumerator whose value is not understood that it is not known', () => {
    const path = 'arch/x86/include/asm/kvm_host.h';
    const model = read(withText(path, textOf(path).replace('VCPU_REGS_R8 = 8,', 'VCPU_REGS_R8 = FIRST_OF(8),')));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toContain('the value of VCPU_REGS_R8 is not known');
  });

  it('takes a parameter without a name that nothing uses', () => {
    const path = 'arch/x86/kvm/regs.h';
    const unused = 'static inline int unused(struct kvm_vcpu *vcpu, u64 *, int*)\n{\n\treturn VCPU_REGS_RAX;\n}\n';
    expect(unjudged(read(withText(path, textOf(path).replace(/^static inline/m, `${unused}$&`))))).toEqual([]);
  });

  it('says that a struct is defined twice', () => {
    const path = 'arch/x86/kvm/vmx/vmx.h';
    const model = read(withText(path, `${textOf(path)}\nstruct kvm_vcpu_arch {\n\tint other;\n};\n`));
    expect(checkTree(model, TRACKING_RULES)).toEqual([]);
    expect(unjudged(model).map(({ message }) => message)).toEqual([
      'a second struct kvm_vcpu_arch; the one in arch/x86/include/asm/kvm_host.h is used',
    ]);
  });

  it('is judged again when it is whole', () => {
    const path = 'arch/x86/kvm/vmx/vmx.c';
    const broken = textOf(path).replace('kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET);', ';');
    expect(findingsOf(withText(path, broken)).length).toBeGreaterThan(0);
    expect(
      findingsOf(withText(path, `${broken}\nstatic void f(struct kvm_vcpu *vcpu)\n{\n\tkvm_rip_read(vcpu;\n}\n`)),
    ).toEqual([]);
  });
});
