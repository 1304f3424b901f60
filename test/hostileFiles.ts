import { CACHE } from './facts/fixture.js';

/** Files that grow: what stands in a tree's file when it is so long. What is hostile in each is its name. */
export interface HostileFile {
  readonly name: string;
  readonly path: string;
  /** The length from which the work for it is measured. */
  readonly length: number;
  /** A text whose size grows as the length does. */
  readonly text: (length: number) => string;
}

const HOST = 'arch/x86/include/asm/kvm_host.h';
const C = 'arch/x86/kvm/vmx/hostile.c';
const HEADER = 'arch/x86/kvm/vmx/hostile.h';
const ASM = 'arch/x86/kvm/vmx/hostile.S';

const RAX = 'vcpu->arch.regs[VCPU_REGS_RAX]';

/** `n` texts, one after another. */
function many(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join('');
}

/** A function of a vCPU around `body`. */
function fn(body: string, name = 'f'): string {
  return `static int ${name}(struct kvm_vcpu *vcpu, int reg)\n{\n${body}}\n`;
}

/** A function of assembly around instructions, which enters a guest. */
function asm(body: string): string {
  return `SYM_FUNC_START(__vmx_hostile)\n${body}\tvmlaunch\nSYM_FUNC_END(__vmx_hostile)\n`;
}

/** Locals that are given one another's value, each of them many times; the last is given to `sink`. */
function chainedLocals(n: number, source: string, sink: string): string {
  const steps = [`e = ${source}`, 'd = e', 'c = d', 'b = c', 'a = b'].map((step) => `\t${step};\n`.repeat(n));
  return fn(`\tunsigned long a, b, c, d, e;\n${steps.join('')}\t${sink}\n`);
}

/** Functions in `depth` layers, each of which calls all of the next layer; the calls are `n`. */
function layersOfCalls(n: number, depth: number): string {
  const width = Math.round(Math.sqrt(n / depth));
  const calls = (layer: number) => many(width, (i) => `\treg = f${layer}_${i}(vcpu, reg);\n`);
  return many(depth, (layer) =>
    many(width, (i) =>
      fn(layer + 1 < depth ? calls(layer + 1) : `\txsetbv(0, vcpu->arch.xcr0);\n\t${RAX} = 1;\n`, `f${layer}_${i}`),
    ),
  );
}

/** Functions that all call one another; the calls are `n`. */
function callsOfEach(n: number): string {
  const width = Math.round(Math.sqrt(n));
  return many(width, (i) => fn(`${many(width, (j) => `\tg${j}(vcpu, reg);\n`)}\t${RAX} = reg;\n`, `g${i}`));
}

const CODE: readonly (readonly [name: string, length: number, text: (n: number) => string])[] = [
  ['chained locals', 40, (n) => chainedLocals(n, RAX, 'to_svm(vcpu)->vmcb->save.rax = a;')],
  ['chained locals of XSAVE state', 40, (n) => chainedLocals(n, 'vcpu->arch.xcr0', 'xsetbv(0, a);')],
  [
    'locals that are each the one before',
    200,
    (n) => fn(`\tunsigned long v0 = ${RAX};\n${many(n, (i) => `\tunsigned long v${i + 1} = v${i} + v${i};\n`)}`),
  ],
  ['early exits', 100, (n) => fn(many(n, (i) => `\tif (a${i})\n\t\treturn;\n\t${RAX} = 1;\n`))],
  [
    'early exits, then moves',
    200,
    (n) => fn(`${many(n, (i) => `\tif (a${i})\n\t\treturn;\n`)}${`\t${RAX} = 1;\n`.repeat(n)}`),
  ],
  [
    // Each length is behind the most conditions that a statement may be under.
    'labels that goto leads to',
    150,
    (n) => fn(many(n, (i) => `\tif (a)\n\t\tgoto l${i};\n`) + many(n, (i) => `l${i}:\n\t${RAX} = 1;\n`)),
  ],
  ['ifs in one another', 60, (n) => fn(`${'\tif (a)\n'.repeat(n)}\t${RAX} = 1;\n`)],
  [
    'else after else',
    200,
    (n) => fn(`\tif (a)\n\t\tx();\n${'\telse if (b)\n\t\ty();\n'.repeat(n)}\telse\n\t\t${RAX} = 1;\n`),
  ],
  ['labels of a switch', 400, (n) => fn(`\tswitch (reg) {\n${many(n, (i) => `\tcase ${i}:\n`)}\t\t${RAX} = 1;\n\t}\n`)],
  ['?: in one another', 100, (n) => fn(`\t${RAX} = ${'a ? b : '.repeat(n)}1;\n`)],
  ['&& after &&', 200, (n) => fn(`\tif (${'a &&\n'.repeat(n)}b)\n\t\t${RAX} = 1;\n`)],
  ['+ after +', 200, (n) => fn(`\t${RAX} = ${'a +\n'.repeat(n)}1;\n`)],
  ['brackets in one another', 200, (n) => fn(`\t${RAX} = ${'('.repeat(n)}1${')'.repeat(n)};\n`)],
  ['blocks in one another', 200, (n) => fn(`${'{'.repeat(n)}${RAX} = 1;${'}'.repeat(n)}\n`)],
  [
    'calls in one another',
    100,
    (n) => fn(`\tkvm_rax_write(vcpu, ${'kvm_rax_read('.repeat(n)}vcpu${')'.repeat(n)});\n`),
  ],
  ['pointers to pointers', 200, (n) => fn(`\tvcpu->arch.regs[${'*'.repeat(n)}x] = 1;\n`)],
  ['members of members', 200, (n) => fn(`\tx${'->arch.h,\nvcpu'.repeat(n)}->arch.cr3;\n`)],
  [
    '#if in one another',
    200,
    (n) => fn(`${many(n, (i) => `#ifdef A${i}\n`)}${RAX} = 1;\n${'#else\n;\n#endif\n'.repeat(n)}`),
  ],
  ['#if around functions', 200, (n) => `${'#ifdef A\n'.repeat(n)}${fn(`\t${RAX} = 1;\n`)}${'#endif\n'.repeat(n)}`],
  ['#if after one another', 50, (n) => fn(many(n, (i) => `#ifdef A${i}\n${RAX} = 1;\n#else\n${RAX} = 2;\n#endif\n`))],
  ['#elif after one another', 120, (n) => fn(`#if 0\n${many(n, (i) => `#elif A${i}\n${RAX} = 1;\n`)}#endif\n`)],
  [
    'a chain of calls',
    100,
    (n) => many(n, (i) => fn(`\tf${i + 1}(vcpu, reg);\n`, `f${i}`)) + fn(`\t${RAX} = 1;\n`, `f${n}`),
  ],
  ['layers of calls', 300, (n) => layersOfCalls(n, 6)],
  ['calls of each to each', 2500, callsOfEach],
  ['functions of one name', 200, (n) => fn(`\t${RAX} = 1;\n`).repeat(n)],
  [
    'functions that call one another',
    200,
    (n) => many(n, (i) => fn(`\t${RAX} = 1;\n\tf${(i * 7919 + 1) % n}(vcpu, 1);\n`, `f${i}`)),
  ],
  ['declarations of one name', 1000, (n) => 'int a;\n'.repeat(n)],
  ['words on one line', 2000, (n) => fn(`\tx(${many(n, (i) => `w${i}, `)}${RAX});\n`)],
  ['a long name', 4000, (n) => fn(`\t${RAX} = 1;\n`, 'f'.repeat(n))],
  ['a long member', 4000, (n) => fn(`\tvcpu->arch.${'x'.repeat(n)} = ${RAX};\n`)],
  [
    'a name like a bit test’s',
    2000,
    (n) => fn(`\tif (${'test'.repeat(n)}_(VCPU_REGS_RAX, vcpu->arch.regs_avail))\n\t\t${RAX} = 1;\n`),
  ],
  ['a long number', 4000, (n) => fn(`\tkvm_caps.supported_xcr0 = ${'0'.repeat(n)}-0;\n`)],
  ['assignments in one statement', 200, (n) => fn(`\tint a${' =\nb'.repeat(n)} ^ 1;\n`)],
  ['components that a call names', 1000, (n) => fn(`\tf(0${',\nXFEATURE_YMM'.repeat(n)});\n`)],
  ['white space in a type', 1000, (n) => `union t${'\n'.repeat(n)} o*${'\n'.repeat(n)}**g(int x)\n{\n}\n`],
  ['comments in a type', 1000, (n) => `struct t /*${'*x\n'.repeat(n)}*/ o* /*${'y\n'.repeat(n)}*/ ** g(int x);\n`],
  [
    'white space in a statement',
    1000,
    (n) => fn(`\txcr0${'\n'.repeat(n)}; xcr0${'\n'.repeat(n)};\n\tint x = ~${'\n'.repeat(n)}+1;\n`),
  ],
  [
    'comments that silence',
    50,
    (n) => fn(`\t/* ${`kvm-regs-ignore: a${' '.repeat(100)}x`.repeat(n)} */\n\t${RAX} = 1;\n`),
  ],
  [
    'brackets around a set',
    100,
    (n) => fn(`\tvcpu->arch.regs_avail &= ~${'('.repeat(n)}BIT(VCPU_REGS_RSP)${')'.repeat(n)};\n`),
  ],
  ['an open string', 1000, (n) => `char *s = "${'\\\n'.repeat(n)}`],
  ['slashes', 1000, (n) => `${'/'.repeat(n)}\n${'/*'.repeat(n)}\n${'//\\\n'.repeat(n)}`],
  ['quotes', 2000, (n) => `${'\'"'.repeat(n)}\n`],
  ['empty directives', 500, (n) => '#\n'.repeat(n) + '#define\n'.repeat(n) + '#if\n'.repeat(n)],
  [
    'macros of macros',
    200,
    (n) => `${many(n, (i) => `#define X${i} X${i + 1}\n`)}${fn('\tvcpu->arch.regs[X0] = 1;\n')}`,
  ],
  [
    'macros that name one another',
    50,
    (n) =>
      `#define A B\n#define B A\n#define C(x) D(x)\n#define D(x) C(x) C(x)\n${many(n, (i) => fn(`\tA; C(C(C(${RAX}))) = 1;\n`, `f${i}`))}`,
  ],
  ['uses in one another', 200, (n) => `#define D(x) x x\n${fn(`\t${'D('.repeat(n)}${RAX} = 1;${')'.repeat(n)}\n`)}`],
  [
    'parameters of a macro',
    200,
    (n) =>
      `#define M(${many(n, (i) => `p${i},\\\n`)}q) vcpu->arch.regs[q] = 1; ${many(n, (i) => `p${i}+\\\n`)}1;\n${fn(`\tM(${'a,\n'.repeat(n)}VCPU_REGS_RAX)\n`)}`,
  ],
];

const LISTINGS: readonly (readonly [name: string, length: number, text: (n: number) => string])[] = [
  ['symbols in assembly', 200, (n) => `${many(n, (i) => `.set s${i + 1}, s${i} + 1\n`)} mov %rax, s${n}(%rdi)\n`],
  [
    'symbols that double',
    100,
    (n) => asm(`${many(n, (i) => `.set s${i + 1}, s${i} + s${i}\n`)} mov %rax, s${n}(%rdi)\n`),
  ],
  ['labels in assembly', 50, (n) => asm(many(n, (i) => `${i}: mov %rax, 8(%rdi)\n jz ${i}b\n`))],
  ['jumps ahead and back', 100, (n) => asm(many(n, (i) => ` jmp ${i + 1}f\n${i}: mov %rax, 8(%rdi)\n jz 1b\n`))],
  [
    'brackets in an operand',
    500,
    (n) => asm(` mov %rax, ${'('.repeat(n)}1${')'.repeat(n)}(%rdi)\n mov %rax, ${'~'.repeat(n)}1(%rdi)\n`),
  ],
  ['sums in an operand', 500, (n) => asm(` mov %rax, ${'1+'.repeat(n)}1(%rdi)\n`)],
  ['a long number in assembly', 2000, (n) => asm(` mov $0${'L'.repeat(n)}0, %rax\n`)],
  ['tabs in a directive', 4000, (n) => `#if${'\t'.repeat(n)} 1\n nop\n#endif\n`],
  ['names like those of linkage', 500, (n) => `N${'_ENTRY_G'.repeat(n)}-(foo)\n#define D${'_END_D'.repeat(n)}1 x\n`],
  ['a macro that is defined again and again', 20, (n) => `.macro a\n mov %rax, 8(%rdi)\n.endm\n a\n`.repeat(n)],
  ['macros without an end', 200, (n) => many(n, (i) => `.macro m${i} a, a\n mov %rax, \\a\n`) + asm(' m0 1\n')],
  ['repeated lines', 200, (n) => asm(`.rept 3\n${many(n, () => ' mov %rax, 8(%rdi)\n')}.endr\n`)],
  [
    'a list that is gone through',
    200,
    (n) => asm(`.irp a, ${many(n, (i) => `${8 * i}, `)}0\n mov %rax, \\a(%rdi)\n.endr\n`),
  ],
  [
    'arguments of a macro',
    200,
    (n) => asm(`.macro x y:vararg\n .irp z, \\y\n mov \\z, 8(%rdi)\n.endr\n.endm\n x ${'%rax, '.repeat(n)}%rcx\n`),
  ],
];

const HEADERS: readonly (readonly [name: string, length: number, text: (n: number) => string])[] = [
  ['members of another enum', 400, (n) => `enum other {\n${many(n, (i) => `\tOTHER_${i},\n`)}};\n`],
  ['components', 400, (n) => `enum xfeature {\n${many(n, (i) => `\tXFEATURE_X${i},\n`)}};\n`],
  [
    'structs in one another',
    800,
    (n) => `struct kvm_vcpu_arch {\n${'struct {\n'.repeat(n)}int x;${'};\n'.repeat(n)}};\n`,
  ],
  [
    'sets of sets',
    50,
    (n) => `#define S0 BIT(VCPU_REGS_RSP)\n${many(n, (i) => `#define S${i + 1} (S${i} | BIT(VCPU_EXREG_CR3))\n`)}`,
  ],
];

/** All files whose reading must be linear work. */
export const HOSTILE_FILES: readonly HostileFile[] = [
  ...CODE.map(([name, length, text]) => ({ name, path: C, length, text })),
  ...LISTINGS.map(([name, length, text]) => ({ name, path: ASM, length, text })),
  ...HEADERS.map(([name, length, text]) => ({ name, path: HEADER, length, text })),
  {
    name: 'members of the register enum',
    path: HOST,
    length: 400,
    text: (n) => (CACHE[HOST] ?? '').replace(/enum kvm_reg \{/, `$&\n${many(n, (i) => `VCPU_REGS_X${i},\n`)}`),
  },
];

/** Files of a few lines that stand for endlessly many: each line more doubles them, or more. */
export const EXPLOSIVE_FILES: readonly HostileFile[] = [
  {
    name: 'macros that double',
    path: C,
    length: 20,
    text: (n) => `#define M0 ${RAX} = 1;\n${many(n, (i) => `#define M${i + 1} M${i} M${i}\n`)}${fn(`\tM${n}\n`)}`,
  },
  {
    name: 'functions that a macro makes',
    path: HEADER,
    length: 20,
    text: (n) =>
      `#define M0(n) static inline int kvm_##n##_read(void) { return ${RAX}; }\n${many(n, (i) => `#define M${i + 1}(n) M${i}(n##a) M${i}(n##b)\n`)}M${n}(x)\n`,
  },
  {
    name: 'assembler macros that double',
    path: ASM,
    length: 20,
    text: (n) =>
      `.macro m0\n mov %rax, 8(%rdi)\n.endm\n${many(n, (i) => `.macro m${i + 1}\n m${i}\n m${i}\n.endm\n`)}${asm(` m${n}\n`)}`,
  },
  {
    name: 'an assembler macro that uses itself',
    path: ASM,
    length: 2,
    text: (n) => `.macro a\n${' a\n'.repeat(n)} mov %rax, 8(%rdi)\n.endm\n${asm(' a\n')}`,
  },
  {
    name: '.rept in .rept',
    path: ASM,
    length: 4,
    text: (n) => asm(`${'.rept 40\n'.repeat(n)} mov %rax, 8(%rdi)\n${'.endr\n'.repeat(n)}`),
  },
  {
    name: 'jumps back with another stack each',
    path: ASM,
    length: 100,
    text: (n) =>
      asm(
        `1: push %rcx\n mov (%rdi), %rax\n jnz 1b\n${many(n, (i) => ` pop %rdx\n mov ${8 * i}(%rdi), %rbx\n jnz 1b\n jz 2f\n`)}2: vmlaunch\n`,
      ),
  },
  {
    name: 'statements that are made and not come to',
    path: ASM,
    length: 2000,
    text: (n) => asm(`.rept 100000\n.if 0\n${' nop\n'.repeat(n)}.endif\n.endr\n`),
  },
  {
    name: 'an assembler macro that opens functions and uses itself',
    path: ASM,
    length: 3,
    text: (n) =>
      `.macro again\nSYM_FUNC_START(inner)\n push %rax\n${' again\n'.repeat(n)} vmresume\nSYM_FUNC_END(inner)\n.endm\n${asm(' again\n')}`,
  },
];
