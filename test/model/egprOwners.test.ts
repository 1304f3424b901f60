import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { describe, expect, it } from 'vitest';
import { ownerSummary } from '../../server/src/explain/ownerSummary.js';
import type { RegisterOwner } from '../../server/src/model/registerModel.js';
import { modelOf } from '../engine.js';

const range = Array.from({ length: 16 }, (_, i) => i + 16);

/** A small tree in our own words: an enum with R16-R31, a backend, common code around it. */
function tree(parts: {
  readonly slots?: boolean;
  readonly before?: string;
  readonly behind?: string;
  readonly code?: string;
  readonly files?: Readonly<Record<string, string>>;
}): Record<string, string> {
  const slots = parts.slots === false ? '' : range.map((n) => `\tVCPU_REGS_R${String(n)} = ${String(n)},\n`).join('');
  return {
    'arch/x86/include/asm/kvm_host.h': `
enum kvm_reg {
	VCPU_REGS_RAX = 0,
	VCPU_REGS_R15 = 15,
#ifdef CONFIG_VENDOR_APX
${slots}#endif
	VCPU_REG_RIP,
	NR_VCPU_REGS,
};
struct kvm_vcpu_arch { unsigned long regs[NR_VCPU_REGS]; unsigned long rip; };
struct kvm_vcpu { struct kvm_vcpu_arch arch; };
`,
    'arch/x86/include/asm/fpu/types.h': 'enum xfeature { XFEATURE_FP, XFEATURE_APX = 19 };\n',
    'arch/x86/kvm/kvm-asm-offsets.c': `static void common(void)
{
	OFFSET(VCPU_arch_regs, kvm_vcpu, arch.regs);
}
`,
    'arch/x86/kvm/vmenter.S': `SYM_FUNC_START(enter)
	vmresume
	RET
SYM_FUNC_END(enter)
`,
    'arch/x86/kvm/x86.c': `
${parts.code ?? ''}
static int vendor_run(struct kvm_vcpu *vcpu)
{
	return enter(vcpu);
}
static struct kvm_x86_ops vendor_x86_ops = {
	.vcpu_run = vendor_run,
};
static int vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	${parts.before ?? ''}
	static_call(kvm_x86_vcpu_run)(vcpu);
	${parts.behind ?? ''}
	return 0;
}
`,
    ...parts.files,
  };
}

async function ownerOf(files: Readonly<Record<string, string>>, name = 'R20'): Promise<RegisterOwner> {
  const model = await modelOf(files);
  const owner = model.registers.find(({ register }) => register === name)?.owners[0];
  if (!owner) throw new Error(`no owner of ${name}`);
  return owner;
}

/** How a register is kept, and the functions that move it. */
async function briefly(files: Readonly<Record<string, string>>, name?: string): Promise<string> {
  const { sync, place, load, store } = await ownerOf(files, name);
  const steps = [
    ...load.map((t) => `in ${t.function} ${t.phase}`),
    ...store.map((t) => `out ${t.function} ${t.phase}`),
  ];
  return [`${sync} ${place.kind}`, ...steps].join(', ');
}

const both = { before: 'load_all(vcpu);', behind: 'store_all(vcpu);' };
const around = 'eager hardware, in store_all vm-exit, out load_all vm-entry';
const each = (line: (n: number) => string) => range.map(line).join('');
const functions = (load: string, store: string) => `
static void load_all(struct kvm_vcpu *vcpu)
{
${load}}
static void store_all(struct kvm_vcpu *vcpu)
{
${store}}
`;
const assembly = (load: string, store: string) => ({
  'arch/x86/kvm/swap.S': `SYM_FUNC_START(load_all)\n${load}\tRET\nSYM_FUNC_END(load_all)\nSYM_FUNC_START(store_all)\n${store}\tRET\nSYM_FUNC_END(store_all)\n`,
});
const register = (n: number) => `%r${String(n)}`;
const offset = (n: number) => String(n * 8);
const reg = (n: number) => `0x${(0x87 | ((n & 7) << 3)).toString(16)}`;
const payload = (n: number) => (n & 8 ? '0x4c' : '0x48');

describe('helpers that move R16-R31 around VM-entry are read in', () => {
  it.each([
    [
      'assembly with mnemonics',
      {
        files: assembly(
          each((n) => `\tmov VCPU_arch_regs+${offset(n)}(%rdi), ${register(n)}\n`),
          each((n) => `\tmovq ${register(n)}, (VCPU_arch_regs + ${offset(n)})(%rdi)\n`),
        ),
      },
    ],
    [
      'assembly with bytes, whose displacement is a long',
      {
        files: assembly(
          each((n) => `\t.byte 0xd5, ${payload(n)}, 0x8b, ${reg(n)}\n\t.long VCPU_arch_regs + ${offset(n)}\n`),
          each((n) => `\t.byte 0xd5, ${payload(n)}, 0x89, ${reg(n)}; .long VCPU_arch_regs + ${offset(n)}\n`),
        ),
      },
    ],
    [
      'assembly with macros that paste names',
      {
        files: assembly(
          '.irp i, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n\tmov (VCPU_arch_regs + \\i * 8)(%rdi), %r\\i\n.endr\n',
          '.irp i, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n\tmov %r\\i, (VCPU_arch_regs + \\i * 8)(%rdi)\n.endr\n',
        ),
      },
    ],
    [
      'inline assembly with operands in memory',
      {
        code: functions(
          each((n) => `\tasm volatile("mov %0, %%r${String(n)}" : : "m"(vcpu->arch.regs[VCPU_REGS_R${String(n)}]));\n`),
          each((n) => `\tasm volatile("mov %%r${String(n)}, %0" : "=m"(vcpu->arch.regs[VCPU_REGS_R${String(n)}]));\n`),
        ),
      },
    ],
    [
      'one statement of inline assembly over the array',
      {
        code: functions(
          `\tasm volatile(${each((n) => `"mov ${offset(n)}(%0), %%r${String(n)}\\n\\t"\n`)} : : "r"(vcpu->arch.regs) : "memory");\n`,
          `\tasm volatile(${each((n) => `"mov %%r${String(n)}, ${offset(n)}(%[regs])\\n\\t"\n`)} : : [regs] "r"(&vcpu->arch.regs[0]) : "memory");\n`,
        ),
      },
    ],
    [
      'inline assembly with bytes and the name of the slot',
      {
        code: functions(
          each(
            (n) =>
              `\tasm volatile(".byte 0xd5, ${payload(n)}, 0x8b, 0x${(0x80 | ((n & 7) << 3)).toString(16)}\\n.long %c1" : : "a"(vcpu), "i"(offsetof(struct kvm_vcpu, arch.regs[VCPU_REGS_R${String(n)}])));\n`,
          ),
          each(
            (n) =>
              `\tasm volatile("mov %%r${String(n)}, %c[slot](%[vcpu])" : : [vcpu] "r"(vcpu), [slot] "i"(offsetof(struct kvm_vcpu, arch.regs[VCPU_REGS_R${String(n)}])));\n`,
          ),
        ),
      },
    ],
    [
      'statements that macros make, with the number pasted',
      {
        code: `
#define LOAD_ONE(n) asm volatile("mov %0, %%r" #n : : "m"(vcpu->arch.regs[VCPU_REGS_R##n]))
#define STORE_ONE(n) do { asm volatile("mov %%r" #n ", %0" : "=m"(vcpu->arch.regs[VCPU_REGS_R##n])); } while (0)
${functions(
  each((n) => `\tLOAD_ONE(${String(n)});\n`),
  each((n) => `\tSTORE_ONE(${String(n)});\n`),
)}`,
      },
    ],
    [
      'statements that macros make, with the bytes as arguments',
      {
        code: `
#define MOVE_BYTES(payload, opcode, modrm, slot) \\
	asm volatile(".byte 0xd5, " #payload ", " #opcode ", " #modrm "\\n.long %c1" \\
		     : : "a"(vcpu), "i"(offsetof(struct kvm_vcpu, arch.regs[slot])))
${functions(
  each(
    (n) => `\tMOVE_BYTES(${payload(n)}, 0x8b, 0x${(0x80 | ((n & 7) << 3)).toString(16)}, VCPU_REGS_R${String(n)});\n`,
  ),
  each(
    (n) => `\tMOVE_BYTES(${payload(n)}, 0x89, 0x${(0x80 | ((n & 7) << 3)).toString(16)}, VCPU_REGS_R${String(n)});\n`,
  ),
)}`,
      },
    ],
    [
      'C over accessors of the registers',
      {
        code: `
static unsigned long get(int n)
{
	unsigned long val = 0;
	switch (n) {
${each((n) => `	case ${String(n)}: asm("mov %%r${String(n)}, %0" : "=r"(val)); break;\n`)}	}
	return val;
}
static void put(int n, unsigned long val)
{
	switch (n) {
${each((n) => `	case ${String(n)}: asm("mov %0, %%r${String(n)}" : : "r"(val)); break;\n`)}	}
}
${functions(
  '\tint n;\n\tfor (n = VCPU_REGS_R16; n <= VCPU_REGS_R31; n++)\n\t\tput(n, vcpu->arch.regs[n]);\n',
  '\tint n;\n\tfor (n = VCPU_REGS_R16; n <= VCPU_REGS_R31; n++)\n\t\tvcpu->arch.regs[n] = get(n);\n',
)}`,
      },
    ],
  ])('%s', async (_, parts) => {
    for (const name of ['R16', 'R20', 'R31']) expect(await briefly(tree({ ...both, ...parts }), name)).toBe(around);
  });

  const swap = assembly(
    each((n) => `\tmov VCPU_arch_regs+${offset(n)}(%rdi), ${register(n)}\n`),
    each((n) => `\tmov ${register(n)}, VCPU_arch_regs+${offset(n)}(%rdi)\n`),
  );

  it('bytes are references to what they move, at the instruction', async () => {
    const text =
      'SYM_FUNC_START(load_all)\n\t.byte 0xd5, 0x48, 0x8b, 0xa7\n\t.long VCPU_arch_regs + 160\n\tRET\nSYM_FUNC_END(load_all)\n';
    const model = await modelOf(tree({ ...both, files: { 'arch/x86/kvm/swap.S': text } }));
    const references = model.files.get('arch/x86/kvm/swap.S')?.references ?? [];
    expect(references.map(({ register, kind, start, end }) => [register, kind, text.slice(start, end)])).toEqual([
      ['VCPU_REGS_R20', 'asm-load', '0xd5, 0x48, 0x8b, 0xa7'],
    ]);
  });

  it('a helper of a helper, under the conditions of both calls', async () => {
    const code = 'static void outer(struct kvm_vcpu *vcpu)\n{\n\tif (vcpu->arch.rip)\n\t\tload_all(vcpu);\n}\n';
    const files = tree({ code, before: 'if (has_apx())\n\t\touter(vcpu);', behind: 'store_all(vcpu);', files: swap });
    const { store } = await ownerOf(files);
    expect(store.map(({ guards, call }) => [guards.map(shownGuard), call?.function])).toEqual([
      [['has_apx()', 'vcpu->arch.rip'], 'vcpu_enter_guest'],
    ]);
  });

  it('instructions tell the direction, not names or places', async () => {
    const files = tree({ before: 'store_all(vcpu);', behind: 'load_all(vcpu);', files: swap });
    expect((await ownerOf(files)).missing).toEqual([
      { kind: 'loaded-elsewhere', function: 'load_all' },
      { kind: 'stored-elsewhere', function: 'store_all' },
      { kind: 'no-userspace' },
    ]);
  });

  it('a condition that a helper tests first is one of the transfer', async () => {
    const code = `static void outer(struct kvm_vcpu *vcpu)
{
	if (!(vcpu->arch.rip & APX))
		return;
	load_all(vcpu);
}
`;
    const { store } = await ownerOf(tree({ code, before: 'outer(vcpu);', files: swap }));
    expect(store.map(({ conditions }) => conditions.map(shownGuard))).toEqual([['vcpu->arch.rip & APX']]);
  });

  const xcr0 = 'static void load_xcr0(u64 value)\n{\n\txsetbv(0, value);\n}\n';

  it.each([
    [
      'before the guest loads its XCR0',
      'load_all(vcpu);\n\tload_xcr0(guest);',
      'load_xcr0(host);\n\tstore_all(vcpu);',
      [],
    ],
    [
      'behind that',
      'load_xcr0(guest);\n\tload_all(vcpu);',
      'store_all(vcpu);\n\tload_xcr0(host);',
      ['store_all', 'load_all'],
    ],
    [
      'behind that, if it has APX',
      'load_xcr0(guest);\n\tif (guest & APX)\n\t\tload_all(vcpu);',
      'if (guest & APX)\n\t\tstore_all(vcpu);\n\tload_xcr0(host);',
      [],
    ],
    [
      'behind that, with an exit before that VM-entry has too',
      'if (!vcpu->arch.rip)\n\t\treturn 0;\n\tload_xcr0(guest);\n\tload_all(vcpu);',
      'store_all(vcpu);\n\tload_xcr0(host);',
      ['store_all', 'load_all'],
    ],
    [
      'between two steps of XCR0',
      'load_xcr0(early);\n\tload_all(vcpu);\n\tload_xcr0(guest);',
      'load_xcr0(early);\n\tstore_all(vcpu);\n\tload_xcr0(host);',
      [],
    ],
    [
      'behind the last of two steps',
      'load_xcr0(early);\n\tload_xcr0(guest);\n\tload_all(vcpu);',
      'store_all(vcpu);\n\tload_xcr0(early);\n\tload_xcr0(host);',
      ['store_all', 'load_all'],
    ],
  ])('are #UD without APX in the XCR0 that they run with: %s', async (_, before, behind, functions) => {
    const { missing } = await ownerOf(tree({ code: xcr0, before, behind, files: swap }));
    const tests = functions.map((fn) => ({ kind: 'no-xcr0-test', function: fn, only: null }));
    expect(missing.filter(({ kind }) => kind !== 'no-userspace')).toEqual(tests);
  });

  it('are not #UD where a helper that tests the guest returns first', async () => {
    const code = `${xcr0}static void outer(struct kvm_vcpu *vcpu)
{
	if (!(vcpu->arch.rip & APX))
		return;

	WARN_ON_ONCE(!irqs_disabled());
	load_all(vcpu);
}
`;
    const files = tree({ code, before: 'load_xcr0(guest);\n\touter(vcpu);', files: swap });
    expect((await ownerOf(files)).missing.filter(({ kind }) => kind === 'no-xcr0-test')).toEqual([]);
  });

  it('an enum that lacks the slots gives them to no other register', async () => {
    const files = tree({ ...both, slots: false, files: swap });
    expect(await briefly(files, 'RIP')).toBe('unknown cache');
    expect(await briefly(files)).toBe('xsave fpstate');
  });
});

describe('a flag that the world switch tests', () => {
  const IF_APX = `static int flags_of(struct kvm_vcpu *vcpu)
{
	int flags = 0;

	if (vcpu->arch.rip & APX)
		flags |= ENTER_EGPRS;
	return flags;
}
`;
  const flagged = (test: string, jump: string, code: string, setting = IF_APX) =>
    tree({
      code: `${code}
${setting}`,
      files: {
        'arch/x86/kvm/vmenter.S': `#define ENTER_EGPRS_BIT 3
#define ENTER_EGPRS (1 << ENTER_EGPRS_BIT)
SYM_FUNC_START(enter)
	push %rdi
	${test}, %esi
	${jump} .Lin
${each((n) => `	mov VCPU_arch_regs+${offset(n)}(%rdi), ${register(n)}\n`)}.Lin:
	vmresume
	pop %rdi
	${test}, %esi
	${jump} .Lout
${each((n) => `	mov ${register(n)}, VCPU_arch_regs+${offset(n)}(%rdi)\n`)}.Lout:
	RET
SYM_FUNC_END(enter)
`,
      },
    });
  const definitions = '#define ENTER_EGPRS_BIT 3\n#define ENTER_EGPRS (1 << ENTER_EGPRS_BIT)\n';

  it.each([
    ['a mask', 'testl $ENTER_EGPRS', 'jz', 'ENTER_EGPRS'],
    ['the number of a bit', 'bt $ENTER_EGPRS_BIT', 'jnc', 'ENTER_EGPRS_BIT'],
  ])('by %s has the conditions under which C sets it', async (_, test, jump, name) => {
    const { sync, load, store, missing } = await ownerOf(flagged(test, jump, definitions));
    expect(sync).toBe('switched');
    for (const { guards } of [...load, ...store])
      expect(guards.map(shownGuard)).toEqual([name, 'vcpu->arch.rip & APX']);
    expect([load.length, store.length, missing]).toEqual([1, 1, [{ kind: 'no-userspace' }]]);
  });

  const body = (text: string, before = '') =>
    `${before}static int flags_of(struct kvm_vcpu *vcpu)\n{\n\tint flags = 0;\n\n\t${text}\n\treturn flags;\n}\n`;
  const helper = 'static void use_egprs(int *flags)\n{\n\t*flags |= ENTER_EGPRS;\n}\n';

  it.each([
    [
      'a test of the guest',
      body('if (vcpu->arch.rip & APX)\n\t\tflags |= ENTER_EGPRS;'),
      ['vcpu->arch.rip & APX'],
      true,
    ],
    [
      'an early return',
      body('if (!(vcpu->arch.rip & APX))\n\t\treturn 0;\n\tflags |= ENTER_EGPRS;'),
      ['vcpu->arch.rip & APX'],
      true,
    ],
    ['?:', body('flags |= vcpu->arch.rip & APX ? ENTER_EGPRS : 0;'), ['vcpu->arch.rip & APX'], true],
    [
      'the call of a helper',
      body('if (vcpu->arch.rip & APX)\n\t\tuse_egprs(&flags);', helper),
      ['vcpu->arch.rip & APX'],
      true,
    ],
    ['a value that is not read', body('flags |= !!(vcpu->arch.rip & APX) * ENTER_EGPRS;'), [], true],
    [
      'the CPU',
      body('if (static_cpu_has(X86_FEATURE_APX))\n\t\tflags |= ENTER_EGPRS;'),
      ['static_cpu_has(X86_FEATURE_APX)'],
      false,
    ],
    [
      "the guest's CPUID",
      body('if (guest_cpu_cap_has(vcpu, X86_FEATURE_APX))\n\t\tflags |= ENTER_EGPRS;'),
      ['guest_cpu_cap_has(vcpu, X86_FEATURE_APX)'],
      false,
    ],
    [
      'a static key',
      body('if (static_branch_unlikely(&any_apx))\n\t\tflags |= ENTER_EGPRS;'),
      ['static_branch_unlikely(&any_apx)'],
      false,
    ],
    [
      'the configuration',
      body('if (IS_ENABLED(CONFIG_KVM_APX))\n\t\tflags |= ENTER_EGPRS;'),
      ['IS_ENABLED(CONFIG_KVM_APX)'],
      false,
    ],
    ['nothing', body('flags |= ENTER_EGPRS;'), [], false],
  ])('that is set by %s', async (_, setting, conditions, isTold) => {
    const { load, missing } = await ownerOf(flagged('testl $ENTER_EGPRS', 'jz', definitions, setting));
    expect(load.map((t) => t.guards.map(shownGuard))).toEqual([['ENTER_EGPRS', ...conditions]]);
    expect(missing.filter(({ kind }) => kind !== 'no-userspace')).toEqual(
      isTold ? [] : [{ kind: 'no-xcr0-test', function: 'enter', only: null }],
    );
  });

  it('that is set where guests have no APX has the opposite condition', async () => {
    const setting = body('if (!(vcpu->arch.rip & APX))\n\t\tflags |= ENTER_EGPRS;');
    const { load, missing } = await ownerOf(flagged('testl $ENTER_EGPRS', 'jnz', definitions, setting));
    expect(load.map((t) => t.guards.map(shownGuard))).toEqual([['!(ENTER_EGPRS)', 'vcpu->arch.rip & APX']]);
    expect(missing).toEqual([{ kind: 'no-userspace' }]);
  });
});

describe('without a list of components', () => {
  const entry = 'SYM_FUNC_START(__vmx_vcpu_run)\n\tvmresume\n\tRET\nSYM_FUNC_END(__vmx_vcpu_run)\n';
  const summariesIn = async (files: Readonly<Record<string, string>>) => {
    const host = 'enum kvm_reg { VCPU_REGS_RAX, NR_VCPU_REGS };\n';
    const model = await modelOf({
      'arch/x86/include/asm/kvm_host.h': host,
      'arch/x86/kvm/vmx/vmenter.S': entry,
      ...files,
    });
    const register = model.registers.find((one) => one.register === 'R20');
    return register?.owners.map((owner) => ownerSummary(model, register, owner));
  };

  it('nothing is said of the FPU core', async () => {
    const core = { 'arch/x86/include/asm/fpu/types.h': 'enum xfeature { XFEATURE_FP, XFEATURE_SSE };\n' };
    expect(await summariesIn({})).toEqual([expect.stringMatching(/does not show the FPU core/)]);
    expect(await summariesIn(core)).toEqual([expect.stringMatching(/its FPU core has no APX component/)]);
  });
});
