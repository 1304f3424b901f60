import { describe, expect, it } from 'vitest';
import { checkedEdits, SVM, VMX, type Edit, type Found } from './checked.js';

const CALLBACK = /^void vmx_cache_reg\(/;
const ENTER = /^static noinstr void vmx_vcpu_enter_exit\(/;
const LAZY_SET = 'arch/x86/kvm/vmx/vmx.h';
const HEADER = 'arch/x86/kvm/regs.h';
const TDX = 'arch/x86/kvm/vmx/tdx.c';

const inShort = (found: readonly Found[]) => found.map(({ rule, file, text }) => `${rule} ${file} ${text}`);
const checked = async (...edits: Edit[]) => inShort(await checkedEdits(edits));
const checkedOld = async (...edits: Edit[]) => inShort(await checkedEdits(edits, 'inline-asm'));

describe('never loaded', () => {
  it.each([
    ['RSP', 'the load', /vcpu->arch\.regs\[VCPU_REGS_RSP\] = [^;]*/, 'VCPU_REGS_RSP'],
    ['RSP', 'the case', /case VCPU_REGS_RSP:/, 'VCPU_REGS_RSP'],
    ['RIP', 'the case', /case VCPU_REG_RIP:/, 'VCPU_REG_RIP'],
    ['PDPTR', 'the call', /ept_save_pdptrs\(vcpu\);/, 'VCPU_REG_PDPTR'],
    ['CR4', 'the case', /case VCPU_REG_CR4:/, 'VCPU_REG_CR4'],
  ])('is %s without %s in the callback', async (_register, _what, find, member) => {
    expect(await checked([CALLBACK, find])).toEqual([`never-loaded ${LAZY_SET} ${member}`]);
  });

  it('is one without its only case', async () => {
    const found = await checkedEdits([[/^static void svm_cache_reg\(/, /case VCPU_EXREG_PDPTR:/]], 'vcpu-offsets');
    expect(found.map(({ rule, message }) => [rule, message])).toEqual([
      [
        'never-loaded',
        'PDPTR is in the mask, but nothing loads it on demand: the cache keeps the value of an earlier exit',
      ],
    ]);
  });

  it('is one that loads itself and does so no longer, or is not asked for', async () => {
    const rflags = /^unsigned long vmx_get_rflags\(/;
    const load: Edit = [rflags, /to_vmx\(vcpu\)->rflags = vmcs_readl\(GUEST_RFLAGS\);/];
    expect(await checked(load)).toEqual([`never-loaded ${LAZY_SET} VCPU_REG_RFLAGS`]);
    const found = await checkedEdits([[rflags, /!kvm_register_is_available\(vcpu, VCPU_REG_RFLAGS\)/, '1']]);
    expect(found.map(({ message }) => message)).toContain(
      'RFLAGS is in VMX_REGS_LAZY_LOAD_SET, but no code tests whether it is available',
    );
  });

  it('is not known of one that is given what a function computes', async () => {
    const load = /to_vmx\(vcpu\)->rflags = vmcs_readl\(GUEST_RFLAGS\);/;
    const put = 'to_vmx(vcpu)->rflags = read_guest_flags(vcpu) & ~X86_EFLAGS_RF;';
    expect(await checked([/^unsigned long vmx_get_rflags\(/, load, put])).toEqual([]);
  });

  it('says which set has it, and where that is cleared', async () => {
    const [found] = await checkedEdits([[CALLBACK, /case VCPU_REG_RIP:/]]);
    expect(found?.message).toBe(
      'RIP is in VMX_REGS_LAZY_LOAD_SET, but nothing loads it on demand: the cache keeps the value of an earlier exit',
    );
    expect(found?.related.some((place) => place.includes('clears avail bits'))).toBe(true);
  });

  it('is, of a set of those that stay, one that is copied at VM-exit and not in it', async () => {
    expect(await checked([null, /BIT\(VCPU_REGS_RCX\) \|/, '0 |'])).toEqual([`never-loaded ${TDX} TDX_REGS_AVAIL_SET`]);
  });
});

describe('never unavailable', () => {
  it('is a register that the set lacks', async () => {
    expect(await checked([null, /BIT\(VCPU_REG_RIP\) \|/, '0 |'])).toEqual([`never-unavailable ${VMX} rip`]);
    expect(await checkedOld([null, /\(1 << VCPU_REGS_RIP\) \|/, '1 |'])).toEqual([
      'never-unavailable arch/x86/kvm/vmx.c VCPU_REGS_RIP',
    ]);
  });

  it('is the whole set where nothing clears it after VM-exit', async () => {
    expect(await checked([ENTER, /kvm_clear_available_registers\([^;]*;/])).toEqual([
      `never-unavailable ${LAZY_SET} VMX_REGS_LAZY_LOAD_SET`,
    ]);
  });

  it('is one that was cleared by its number', async () => {
    expect(await checked([/^static int svm_vcpu_run\(/, /kvm_register_mark_for_reload\([^;]*/])).toEqual([
      'never-unavailable arch/x86/kvm/x86.c pdptrs',
    ]);
  });

  it('is not said of a tree in which nothing is seen to clear bits, nor of one without the set', async () => {
    const clear: Edit = [
      /^static __always_inline void kvm_clear_available_registers\(/,
      /vcpu->arch\.regs_avail\[0\] &= ~clear_mask;/,
    ];
    const reload: Edit = [/^static int svm_vcpu_run\(/, /kvm_register_mark_for_reload\([^;]*/];
    expect(await checked(clear, reload)).toEqual([]);
    expect(await checked([null, /#define VMX_REGS_LAZY_LOAD_SET/, '#define OTHER_SET'])).toEqual([]);
  });
});

describe('an inverted set', () => {
  it('is one of lazy registers that is kept', async () => {
    expect(await checked([ENTER, /VMX_REGS_LAZY_LOAD_SET/, '~$&'])).toEqual([
      `set-inverted ${VMX} VMX_REGS_LAZY_LOAD_SET`,
    ]);
    const [found] = await checkedEdits(
      [[null, /&= ~VMX_REGS_LAZY_LOAD_SET/, '&= VMX_REGS_LAZY_LOAD_SET']],
      'vcpu-offsets',
    );
    expect(found?.message).toBe(
      'VMX_REGS_LAZY_LOAD_SET names what is loaded on demand, but here all others are made unavailable: the mask is the wrong way round',
    );
    expect(found?.related).toEqual(['arch/x86/kvm/vmx/vmx.h:25 the set']);
  });

  it('is a mask that is written out', async () => {
    expect(await checkedOld([/^static void vmx_vcpu_run\(/, /~(\(\(1 << VCPU_REGS_RIP)/, '$1'])).toEqual([
      'set-inverted arch/x86/kvm/vmx.c (',
    ]);
  });

  it('is one of those that stay that is cleared', async () => {
    expect(await checked([/^int tdx_vcpu_run\(/, /~TDX_REGS_AVAIL_SET/, 'TDX_REGS_AVAIL_SET'])).toEqual([
      `set-inverted ${TDX} TDX_REGS_AVAIL_SET`,
    ]);
  });

  it('is the function that clears, where all that it is given is right', async () => {
    const [found, ...others] = await checkedEdits([[null, /&= ~clear_mask/, '&= clear_mask']]);
    expect(others).toEqual([]);
    expect(inShort(found ? [found] : [])).toEqual([`set-inverted ${HEADER} clear_mask`]);
    expect(found?.related).toHaveLength(3);
  });

  it('is none: a set of those that stay, kept by assignment; one whose value is the complement; marks', async () => {
    const clear = /kvm_clear_available_registers\(vcpu, ~TDX_REGS_AVAIL_SET\)/;
    expect(await checked([null, clear, 'vcpu->arch.regs_avail[0] = TDX_REGS_AVAIL_SET'])).toEqual([]);
    expect(await checked([null, clear, 'vcpu->arch.regs_avail[0] &= TDX_REGS_AVAIL_SET'])).toEqual([]);
    const mark = 'vcpu->arch.regs_avail[0] |= VMX_REGS_LAZY_LOAD_SET;';
    expect(await checked([/^int vmx_vcpu_run\(/, /vmx->launched = 1;/, `$& ${mark}`])).toEqual([]);
    expect(
      await checked(
        [null, /#define TDX_REGS_AVAIL_SET\t\(/, '#define TDX_REGS_AVAIL_SET ~('],
        [null, clear, 'kvm_clear_available_registers(vcpu, TDX_REGS_AVAIL_SET)'],
      ),
    ).toEqual([]);
  });

  it('is none of what another backend loads on demand, whether the callback answers for it or not', async () => {
    const clear = /kvm_clear_available_registers\(vcpu, ~TDX_REGS_AVAIL_SET\)/;
    const clearing = (put: string): Edit => [null, clear, put];
    expect(await checked(clearing('kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET)'))).toEqual([]);
    expect(await checked(clearing('vcpu->arch.regs_avail[0] &= ~VMX_REGS_LAZY_LOAD_SET'))).toEqual([]);
    expect(await checked(clearing('vcpu->arch.regs_avail[0] = ~VMX_REGS_LAZY_LOAD_SET'))).toEqual([]);
    const some = 'BIT(VCPU_REGS_RSP) | BIT(VCPU_REG_RIP) | BIT(VCPU_REG_CR3)';
    expect(await checked(clearing(`kvm_clear_available_registers(vcpu, ${some})`))).toEqual([]);
    const labels = ['REGS_RSP', 'REG_RIP', 'REG_PDPTR', 'REG_CR0', 'REG_CR3'].map((name) => `case VCPU_${name}:`);
    const body = `kvm_register_mark_available(vcpu, reg); switch (reg) { ${labels.join(' ')} break; }`;
    const callback: Edit = [
      null,
      /int tdx_vcpu_run\([^;{]*\{/,
      `void tdx_cache_reg(struct kvm_vcpu *vcpu, enum kvm_reg reg) { ${body} } $&`,
    ];
    const called: Edit = [/^static void vt_cache_reg\(/, /return;/, 'return tdx_cache_reg(vcpu, reg);'];
    expect(
      await checked(clearing('kvm_clear_available_registers(vcpu, VMX_REGS_LAZY_LOAD_SET)'), callback, called),
    ).toEqual([]);
  });

  it('is none in SVM, which clears one bit', async () => {
    const mask = 'vcpu->arch.regs_avail[0] &= ~BIT(VCPU_REG_PDPTR)';
    expect(await checked([/^static int svm_vcpu_run\(/, /kvm_register_mark_for_reload\([^;]*/, mask])).toEqual([]);
    expect(
      await checked([/^static int svm_vcpu_run\(/, /kvm_register_mark_for_reload\([^;]*/, mask.replace('~', '')]),
    ).toEqual([`set-inverted ${SVM} B`]);
  });
});
