import { describe, expect, it } from 'vitest';
import { modelOf } from '../engine.js';
import { CACHE, CODE } from '../facts/fixture.js';

const TABLES = `
#define operation(name) static_call(kvm_x86_##name)
struct kvm_x86_ops { void (*get)(struct kvm_vcpu *vcpu); };
struct timer_ops { void (*get)(struct kvm_vcpu *vcpu); };
struct other_ops { void (*get)(struct kvm_vcpu *vcpu); };
struct timer { struct timer_ops *ops; };
static void get_register(struct kvm_vcpu *vcpu) { kvm_rax_read(vcpu); }
static void get_time(struct kvm_vcpu *vcpu) { kvm_rcx_read(vcpu); }
static struct kvm_x86_ops vendor_ops = { .get = get_register };
static struct timer_ops timer_ops = { .get = get_time };
`;

/** What a function of a vCPU, with a call in it, calls by way of a table. */
async function called(call: string): Promise<string[]> {
  const code = `${TABLES}
static void code(struct kvm_vcpu *vcpu, struct timer *timer, struct other_ops *other)
{
	kvm_rax_write(vcpu, 0);
	${call};
}
`;
  const { graph } = await modelOf({ ...CACHE, [CODE]: code });
  const node = graph.find('code', CODE);
  return node ? graph.callees(node).flatMap(({ callee, operation }) => (operation === null ? [] : [callee.name])) : [];
}

describe('a call of an operation', () => {
  it.each([
    ['through a static call', 'static_call(kvm_x86_get)(vcpu)', ['get_register']],
    ['through a macro around a static call', 'operation(get)(vcpu)', ['get_register']],
    ['through a table that is called as its struct', 'kvm_x86_ops.get(vcpu)', ['get_register']],
    ['through a pointer to a table', 'kvm_x86_ops->get(vcpu)', ['get_register']],
    ['through a member', 'timer->ops->get(vcpu)', ['get_time']],
    ['through a table of another struct', 'other->get(vcpu)', []],
    ['through what is not told', 'unknown(vcpu)->get(vcpu)', ['get_register', 'get_time']],
  ])('%s', async (_what, call, expected) => {
    expect(await called(call)).toEqual(expected);
  });
});

it.each([
  ['the table', 'kvm_x86_ops->get(vcpu)', ['get_register']],
  ['a pointer that is called after the struct', 'vcpu->x86_ops->get(vcpu)', ['get_register']],
  ['a pointer that tells none', 'vcpu->table->get(vcpu)', ['get_register', 'get_time']],
])(
  'an operation in a function that says nothing of registers is of the struct that is named: %s',
  async (_what, call, expected) => {
    const { graph } = await modelOf({
      ...CACHE,
      [CODE]: `${TABLES}\nstatic void code(struct kvm_vcpu *vcpu)\n{\n\t${call};\n}\n`,
    });
    const node = graph.find('code', CODE);
    expect(node ? graph.callees(node).map(({ callee }) => callee.name) : []).toEqual(expected);
  },
);

it('an operation of another struct is none that fetches registers', async () => {
  const { phases } = await modelOf({
    ...CACHE,
    [CODE]: `
#define kvm_x86_call(name) static_call(kvm_x86_##name)
static void fetch(struct kvm_vcpu *vcpu, int reg) { vcpu->arch.regs[reg] = 0; }
static void drop(struct kvm_vcpu *vcpu, int reg) { vcpu->arch.regs[reg] = 1; }
static struct kvm_x86_ops vendor_ops = { .cache_reg = fetch };
static struct block_ops block_ops = { .cache_reg = drop };
`,
  });
  expect(phases.cacheCallbacks.map(({ name }) => name)).toEqual(['fetch']);
});

describe('a callback that a function assigns', () => {
  const SWITCH = `
struct kvm_x86_ops { void (*set_tdp_root)(struct kvm_vcpu *vcpu); };
struct mmu { void (*set_root)(struct kvm_vcpu *vcpu); };
struct timer { void (*function)(struct kvm_vcpu *vcpu); };
static void set_tdp_root(struct kvm_vcpu *vcpu) { kvm_rax_read(vcpu); }
static void set_shadow_root(struct kvm_vcpu *vcpu) { kvm_rcx_read(vcpu); }
static struct kvm_x86_ops vendor_ops = { .set_tdp_root = set_tdp_root };
static void set_root(struct kvm_vcpu *vcpu, struct mmu *mmu) { mmu->set_root(vcpu); }
`;

  /** Who may call a function, where another function assigns callbacks. */
  async function callersOf(name: string, assignment: string): Promise<string[]> {
    const code = `${SWITCH}
static void init(struct kvm_vcpu *vcpu, struct mmu *mmu, struct timer *timer) { ${assignment} }
`;
    const { graph } = await modelOf({ ...CACHE, [CODE]: code });
    const node = graph.find(name, CODE);
    return node ? graph.callers(node).map(({ caller }) => caller.name) : [];
  }

  it.each([
    ['a function', 'set_shadow_root', 'mmu->set_root = set_shadow_root;', ['set_root']],
    ['its address', 'set_shadow_root', 'mmu->set_root = &set_shadow_root;', ['set_root']],
    [
      "the vendor's operation, of the same name as its implementation",
      'set_tdp_root',
      'mmu->set_root = kvm_x86_ops->set_tdp_root;',
      ['set_root'],
    ],
    ['either', 'set_tdp_root', 'mmu->set_root = mmu->direct ? set_tdp_root : set_shadow_root;', ['set_root']],
    [
      'to what nobody calls by the member: it is mentioned',
      'set_shadow_root',
      'timer->function = set_shadow_root;',
      ['init'],
    ],
  ])('%s', async (_what, name, assignment, expected) => {
    expect(await callersOf(name, assignment)).toEqual(expected);
  });
});
