import { describe, expect, it } from 'vitest';
import { missingText } from '../../server/src/explain/missingWords.js';
import { reasonText } from '../../server/src/explain/unknownWords.js';
import { wordsOf } from '../../server/src/explain/words.js';
import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { modelOf } from '../engine.js';

const range = Array.from({ length: 16 }, (_, i) => String(i + 16));
const moves = (move: (n: string) => string) => range.map((n) => `\t${move(n)}\n`).join('');

/** What else the common code of a small tree has, and what it does before and behind VM-entry. */
interface Parts {
  readonly code?: string;
  readonly before: string;
  readonly behind: string;
}

/** A tree whose helpers load_all() and store_all() move R16-R31. */
function tree({ code = '', before, behind }: Parts): Record<string, string> {
  return {
    'arch/x86/include/asm/kvm_host.h': `enum kvm_reg {
	VCPU_REGS_RAX = 0,
	VCPU_REGS_R15 = 15,
${range.map((n) => `\tVCPU_REGS_R${n} = ${n},\n`).join('')}	NR_VCPU_REGS,
};
struct kvm_vcpu_arch { unsigned long regs[NR_VCPU_REGS]; };
struct kvm_vcpu { struct kvm_vcpu_arch arch; };
void load_all(struct kvm_vcpu *vcpu);
void store_all(struct kvm_vcpu *vcpu);
`,
    'arch/x86/kvm/kvm-asm-offsets.c':
      'static void common(void)\n{\n\tOFFSET(VCPU_arch_regs, kvm_vcpu, arch.regs);\n}\n',
    'arch/x86/kvm/vmenter.S': `SYM_FUNC_START(enter)
	vmresume
	RET
SYM_FUNC_END(enter)
SYM_FUNC_START(load_all)
${moves((n) => `mov VCPU_arch_regs + ${n} * 8(%rdi), %r${n}`)}	RET
SYM_FUNC_END(load_all)
SYM_FUNC_START(store_all)
${moves((n) => `mov %r${n}, VCPU_arch_regs + ${n} * 8(%rdi)`)}	RET
SYM_FUNC_END(store_all)
`,
    'arch/x86/kvm/x86.c': `
${code}
static int vendor_run(struct kvm_vcpu *vcpu)
{
	return enter(vcpu);
}
static struct kvm_x86_ops vendor_x86_ops = {
	.vcpu_run = vendor_run,
};
static int vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	${before}
	static_call(kvm_x86_vcpu_run)(vcpu);
	${behind}
	return 0;
}
`,
  };
}

const MOVED = /^(?:stored|loaded|nothing|declared|no path)/;

/** How R20 is kept, what is not known of it, and which moves are said to be missing. */
async function saidOf(parts: Parts): Promise<string[]> {
  const model = await modelOf(tree(parts));
  const owner = model.registers.find(({ register }) => register === 'R20')?.owners[0];
  if (!owner) throw new Error('no owner of R20');
  const lacks = owner.missing.map((part) => missingText(wordsOf(model), part)).filter((text) => MOVED.test(text));
  const { load, store } = owner.unknown;
  return [
    owner.sync,
    ...load.map((reason) => `stored? ${reasonText(reason).replace(/:\d+/, '')}`),
    ...store.map((reason) => `loaded? ${reasonText(reason).replace(/:\d+/, '')}`),
    ...lacks,
  ];
}

const behind = 'store_all(vcpu);';

describe('a helper that code may call by a pointer is not said to be called by nothing', () => {
  it.each<readonly [string, Parts]>([
    [
      'asked of a static call',
      {
        code: 'DEFINE_STATIC_CALL(apx_load, load_all);',
        before: 'void (*load)(struct kvm_vcpu *) = static_call_query(apx_load);\n\tload(vcpu);',
        behind,
      },
    ],
    [
      'that a function picks for a static call',
      {
        code: `DEFINE_STATIC_CALL_NULL(apx_load, *load_all);
static void *pick(void)
{
	return boot_cpu_has(X86_FEATURE_APX) ? load_all : NULL;
}
void setup(void)
{
	static_call_update(apx_load, pick());
}`,
        before: 'static_call_cond(apx_load)(vcpu);',
        behind,
      },
    ],
    [
      'that a static call is updated to under a condition',
      {
        code: `DEFINE_STATIC_CALL_RET0(apx_load, nothing);
void setup(void)
{
	static_call_update(apx_load, boot_cpu_has(X86_FEATURE_APX) ? load_all : nothing);
}`,
        before: 'static_call(apx_load)(vcpu);',
        behind,
      },
    ],
    [
      'that setup puts into a variable',
      {
        code: 'static void (*load)(struct kvm_vcpu *);\nvoid setup(void)\n{\n\tload = &load_all;\n}',
        before: 'load(vcpu);',
        behind,
      },
    ],
  ])('%s', async (_, parts) => {
    const said = await saidOf(parts);
    expect(said).toEqual(['eager', 'loaded? load_all at x86.c may be called by a pointer, which is not followed']);
  });
});

describe('a helper that no code can reach is called by nothing', () => {
  it.each<readonly [string, Parts, string[]]>([
    ['its name is nowhere', { before: '', behind }, ['eager', 'stored but never loaded']],
    [
      'its static call is never made',
      { code: 'DEFINE_STATIC_CALL(apx_load, load_all);', before: '', behind },
      ['eager', 'stored but never loaded'],
    ],
    [
      'neither of both',
      { before: '', behind: '' },
      ['none', 'nothing calls load_all and store_all on the way to VM-entry'],
    ],
  ])('%s', async (_, parts, said) => {
    expect(await saidOf(parts)).toEqual(said);
  });
});

describe('a helper that a static call is updated to is called under the conditions of that', () => {
  const HAS_APX = 'if (boot_cpu_has(X86_FEATURE_APX))\n\t\t';
  const setup = (statements: string, definition = 'DEFINE_STATIC_CALL_NULL(apx_load, *nothing);') =>
    `${definition}\nvoid setup(int r)\n{\n\t${statements}\n}`;

  it.each<readonly [string, string, string[]]>([
    ['of one', setup(`${HAS_APX}static_call_update(apx_load, load_all);`), ['boot_cpu_has(X86_FEATURE_APX)']],
    [
      'that all share',
      setup(`${HAS_APX}{ static_call_update(apx_load, load_all); if (r) static_call_update(apx_load, &load_all); }`),
      ['boot_cpu_has(X86_FEATURE_APX)'],
    ],
    [
      'whose function is named for its type where the static call is defined to do nothing',
      setup(`${HAS_APX}static_call_update(apx_load, load_all);`, 'DEFINE_STATIC_CALL_NULL(apx_load, load_all);'),
      ['boot_cpu_has(X86_FEATURE_APX)'],
    ],
    ['none of one that has none', setup('static_call_update(apx_load, load_all);'), []],
    [
      'none where it is defined with it',
      setup(`${HAS_APX}static_call_update(apx_load, load_all);`, 'DEFINE_STATIC_CALL(apx_load, load_all);'),
      [],
    ],
  ])('%s', async (_, code, conditions) => {
    const model = await modelOf(tree({ code, before: 'static_call_cond(apx_load)(vcpu);', behind }));
    const [store] = model.registers.find(({ register }) => register === 'R20')?.owners[0]?.store ?? [];
    expect(store?.function).toBe('load_all');
    expect(store?.conditions.map(shownGuard)).toEqual(conditions);
  });
});
