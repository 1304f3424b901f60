import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import type { TreeSymbols } from '../../server/src/facts/symbols/treeSymbols.js';
import { symbolsOf } from './fixture.js';

const HEADER = 'arch/x86/kvm/own.h';

/** The accessors that a header of our own adds: `kvm_x_read read VCPU_REGS_RAX 64`. */
async function accessorsIn(text: string): Promise<string[]> {
  const { accessors } = await symbolsOf({ [HEADER]: text });
  const own = [...accessors.values()].filter((accessor) => accessor.file === HEADER);
  return own.map(({ name, kind, member, width }) => `${name} ${kind} ${member} ${width ?? 'by mode'}`).sort();
}

describe('generated accessors', () => {
  it('come from one macro', async () => {
    const { accessors } = await symbolsOf({});
    expect([...accessors.keys()].sort()).toEqual([
      ...['kvm_rax_read', 'kvm_rax_write', 'kvm_rcx_read', 'kvm_rcx_write', 'kvm_rdx_read', 'kvm_rdx_write'],
      ...['kvm_rsp_read', 'kvm_rsp_write'],
    ]);
    expect(accessors.get('kvm_rcx_write')).toMatchObject({
      ...{ member: 'VCPU_REGS_RCX', kind: 'write', width: 64 },
      instantiation: { file: 'arch/x86/kvm/kvm_cache_regs.h', macros: ['BUILD_KVM_GPR_ACCESSORS'], conditions: [] },
    });
  });

  it('come from nested macros, whatever they and their parameters are called', async () => {
    const text = `
#define INNER(foo, bar)					\\
static inline ulong get_##foo(struct kvm_vcpu *v)	\\
{							\\
	return v->arch.regs[VCPU_REGS_##bar];		\\
}
#define MAKE(low, up)					\\
INNER(r##low, up)					\\
static inline u32 get_e##low(struct kvm_vcpu *v)	\\
{							\\
	return v->arch.regs[VCPU_REGS_##up];		\\
}							\\
static inline void put_e##low(struct kvm_vcpu *v, u32 x) \\
{							\\
	v->arch.regs[VCPU_REGS_##up] = x;		\\
}
#ifdef CONFIG_B
MAKE(bx, RBX)
#endif
`;
    expect(await accessorsIn(text)).toEqual([
      'get_ebx read VCPU_REGS_RBX 32',
      'get_rbx read VCPU_REGS_RBX 64',
      'put_ebx write VCPU_REGS_RBX 32',
    ]);
    const { accessors } = await symbolsOf({ [HEADER]: text });
    const made = accessors.get('get_rbx')?.instantiation;
    expect(made?.macros).toEqual(['MAKE', 'INNER']);
    expect(made?.conditions.map(guardText)).toEqual(['CONFIG_B']);
    expect(text.slice(accessors.get('get_rbx')?.offset).startsWith('MAKE(bx')).toBe(true);
  });

  it('tell a value that the mode cuts', async () => {
    const text = `
#define MASKED(l, U) static ulong l(struct kvm_vcpu *v) { return v->arch.regs[VCPU_REGS_##U] & kvm_reg_mode_mask(v); }
MASKED(get_rbx, RBX)
`;
    expect(await accessorsIn(text)).toEqual(['get_rbx read VCPU_REGS_RBX by mode']);
  });

  it('are none of a macro that is never used', async () => {
    expect(await accessorsIn('#define X(l, U) int l(struct kvm_vcpu *v) { return v->arch.regs[U]; }')).toEqual([]);
  });
});

describe('accessors written by hand', () => {
  it('read or write one register', async () => {
    const text = `
static inline unsigned long rbx_get(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.regs[VCPU_REGS_RBX];
}
static inline void rbx_set(struct kvm_vcpu *vcpu, unsigned long val)
{
	kvm_register_write_raw(vcpu, VCPU_REGS_RBX, val);
}
`;
    expect(await accessorsIn(text)).toEqual(['rbx_get read VCPU_REGS_RBX 64', 'rbx_set write VCPU_REGS_RBX 64']);
  });

  it('are no functions that do more or other', async () => {
    const text = `
static int two(struct kvm_vcpu *vcpu) { return kvm_rax_read(vcpu) + vcpu->arch.regs[VCPU_REGS_RBX]; }
static void zero(struct kvm_vcpu *vcpu) { vcpu->arch.regs[VCPU_REGS_RBX] = 0; }
static void other(struct kvm_vcpu *vcpu, int v) { vcpu->arch.regs[VCPU_REGS_RBX] = v + 1; }
static int cr3(struct kvm_vcpu *vcpu) { return vcpu->arch.cr3; }
static int theirs(struct pt_regs *regs) { return regs->regs[VCPU_REGS_RBX]; }
`;
    expect(await accessorsIn(text)).toEqual([]);
  });
});

describe('indexed functions', () => {
  /** Their kinds in a tree with a header of our own: `f read 1 cache`, with the parameter that is the number. */
  async function indexedIn(text: string): Promise<string[]> {
    const { indexed } = await symbolsOf({ [HEADER]: text });
    return own(indexed).map(({ name, kind, parameter, storage }) => `${name} ${kind} ${parameter} ${storage}`);
  }

  function own(indexed: TreeSymbols['indexed']) {
    return [...indexed.values()].filter((fn) => fn.file === HEADER);
  }

  it('have the kinds that their bodies say', async () => {
    const { indexed } = await symbolsOf({});
    expect(Object.fromEntries([...indexed.values()].map((fn) => [fn.name, fn.kind]))).toEqual({
      kvm_register_is_available: 'test-available',
      kvm_register_is_dirty: 'test-dirty',
      kvm_register_mark_available: 'mark-available',
      kvm_register_mark_dirty: 'mark-dirty',
      kvm_register_read_raw: 'read',
      kvm_register_write_raw: 'write',
    });
    expect(indexed.get('kvm_register_write_raw')).toMatchObject({ parameter: 1, value: 2, storage: 'cache' });
  });

  it('have them whatever their names', async () => {
    const text = `
static bool asks(struct kvm_vcpu *v, int n) { return test_bit(n, (unsigned long *)&v->arch.regs_dirty); }
static bool takes(struct kvm_vcpu *v, int n) { return __test_and_set_bit(n, (unsigned long *)&v->arch.regs_avail); }
static void drops(struct kvm_vcpu *v, int n) { __clear_bit(n, (unsigned long *)&v->arch.regs_avail); }
static ulong gives(int n, struct kvm_vcpu *v) { return v->arch.regs[n]; }
`;
    expect(await indexedIn(text)).toEqual([
      'asks test-dirty 1 cache',
      'takes test-available 1 cache',
      'drops mark-reload 1 cache',
      'gives read 0 cache',
    ]);
  });

  it('have them where they shift bits themselves', async () => {
    const text = `
static bool asks(struct kvm_vcpu *v, int n) { return v->arch.regs_avail & (1 << n); }
static bool shifts(struct kvm_vcpu *v, int n) { return (v->arch.regs_dirty >> n) & 1; }
static void marks(struct kvm_vcpu *v, int n) { v->arch.regs_avail |= BIT(n); v->arch.regs_dirty |= BIT(n); }
static void drops(struct kvm_vcpu *v, int n) { v->arch.regs_avail &= ~(1 << n); }
`;
    expect(await indexedIn(text)).toEqual([
      'asks test-available 1 cache',
      'shifts test-dirty 1 cache',
      'marks mark-dirty 1 cache',
      'drops mark-reload 1 cache',
    ]);
  });

  it('pass the number on, masked or not', async () => {
    const text = `
static ulong again(struct kvm_vcpu *v, int n)
{
	unsigned long val = kvm_register_read_raw(v, n);

	return is_64_bit_mode(v) ? val : (u32)val;
}
static void store(struct kvm_vcpu *v, int n, ulong val) { kvm_register_write_raw(v, n, val & MASK); }
`;
    expect(await indexedIn(text)).toEqual(['again read 1 cache', 'store write 1 cache']);
  });

  it("serve the emulator's copy too", async () => {
    const text = `
static ulong get(struct x86_emulate_ctxt *ctxt, unsigned nr) { return ctxt->_regs[nr]; }
static ulong *put(struct x86_emulate_ctxt *ctxt, unsigned nr) { return &ctxt->_regs[nr]; }
static ulong *both(struct x86_emulate_ctxt *ctxt, unsigned nr) { get(ctxt, nr); return put(ctxt, nr); }
`;
    expect(await indexedIn(text)).toEqual(['get read 1 emulator', 'put write 1 emulator', 'both readwrite 1 emulator']);
  });

  it('are none that look at the number, or that index something else', async () => {
    const text = `
static void by_case(struct kvm_vcpu *v, int n)
{
	switch (n) {
	case VCPU_REGS_RAX: kvm_register_mark_available(v, n);
	}
}
static ulong foreign(struct pt_regs *p, int n) { return p->regs[n]; }
`;
    expect(await indexedIn(text)).toEqual([]);
  });
});

describe('wrappers', () => {
  it('are functions beside the accessors that are built on them or on fields', async () => {
    const text = `
#define GET_RBX(l) static ulong l(struct kvm_vcpu *v) { return v->arch.regs[VCPU_REGS_RBX]; }
GET_RBX(get_rbx)
static inline ulong read_cr3(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.cr3;
}
static inline void swap_cr3(struct kvm_vcpu *vcpu)
{
	vcpu->arch.cr3 = read_cr3(vcpu) + get_rbx(vcpu);
}
`;
    const { wrappers } = await symbolsOf({ [HEADER]: text });
    const uses = (name: string) => wrappers.get(name)?.uses.map((use) => `${use.kind} ${use.member}`);
    expect(uses('kvm_read_edx_eax')).toEqual(['read VCPU_REGS_RAX', 'read VCPU_REGS_RDX']);
    expect(uses('read_cr3')).toEqual(['read VCPU_EXREG_CR3']);
    expect(uses('swap_cr3')?.sort()).toEqual(['read VCPU_EXREG_CR3', 'read VCPU_REGS_RBX', 'write VCPU_EXREG_CR3']);
  });
});

describe('fields of the cache', () => {
  it('are those of the struct that are called as a register of the enum, in one of its number or many', async () => {
    const { fields } = await symbolsOf({});
    expect([...fields.values()]).toEqual([
      { field: 'pdptrs', member: 'VCPU_EXREG_PDPTR', holder: 'kvm_vcpu_arch' },
      { field: 'cr3', member: 'VCPU_EXREG_CR3', holder: 'kvm_vcpu_arch' },
    ]);
  });
});

describe('macros', () => {
  it('are those that C code sees', async () => {
    const { macros } = await symbolsOf({
      [HEADER]: '#ifdef __ASSEMBLER__\n#define RAX 80\n#else\n#define IN_C 1\n#endif\n#define IN_BOTH 2\n',
    });
    expect(['RAX', 'IN_C', 'IN_BOTH'].map((name) => macros.has(name))).toEqual([false, true, true]);
  });
});
