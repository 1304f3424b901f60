import { describe, expect, it } from 'vitest';
import type { RegisterModel } from '../server/src/model/registerModel.js';
import { modelOf, modelOfTree, parser } from './engine.js';
import { CACHE } from './facts/fixture.js';
import { referenceLines } from './referenceLines.js';
import { temporaryTree } from './tree/temporaryTree.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const C = 'arch/x86/kvm/bad.c';
const ASM = 'arch/x86/kvm/bad.S';
const SOUND = 'arch/x86/kvm/sound.c';

/**
 * Each of these must be read within this time of the processor's; on an idle machine each takes a tenth of it to a third, and what
 * is not linear takes minutes. Milliseconds.
 */
const LIMIT = 6000;

/** A small tree whose files are sound. */
const tree: Readonly<Record<string, string>> = {
  ...CACHE,
  [SOUND]: 'static int sound(struct kvm_vcpu *vcpu)\n{\n\tif (a)\n\t\treturn kvm_rax_read(vcpu);\n\treturn 0;\n}\n',
};

/** A function of a vCPU around `body`. */
function fn(body: string, name = 'f'): string {
  return `static int ${name}(struct kvm_vcpu *vcpu)\n{\n${body}\n}\n`;
}

/** `n` texts, one after another. */
function many(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join('');
}

/** The references of all files but the bad ones. */
function soundReferences(model: RegisterModel): string[] {
  const paths = [...model.files.keys()].filter((path) => path !== C && path !== ASM);
  return paths.flatMap((path) => referenceLines(model, path).map((line) => `${path}:${line}`));
}

/** The problems of a tree: `3 #if without #endif`. */
function problems(model: RegisterModel): string[] {
  return model.problems.map(({ line, message }) => `${line ?? 'file'} ${message}`);
}

/** The model of the sound tree with a bad file in it, made in time. */
async function modelWith(path: string, text: string): Promise<RegisterModel> {
  await parser();
  const before = process.cpuUsage();
  const model = await modelOf({ ...tree, [path]: text });
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LIMIT);
  return model;
}

interface BadText {
  readonly name: string;
  readonly text: string;
  /** What must be found in it; null where that does not matter. */
  readonly references?: readonly string[];
  /** What one of the listed problems must say; null where there is none to list. */
  readonly problem?: RegExp | null;
}

function check(path: string, bad: readonly BadText[]): void {
  for (const { name, text, references: expected, problem } of bad) {
    it(name, async () => {
      const model = await modelWith(path, text);
      expect(soundReferences(model)).toEqual(soundReferences(await modelOf(tree)));
      if (expected) expect(referenceLines(model, path)).toEqual(expected);
      if (problem === null) expect(problems(model)).toEqual([]);
      else if (problem) expect(problems(model).join('\n')).toMatch(problem);
      expect(model.problems.length).toBeLessThanOrEqual(1000);
    });
  }
}

const READ = 'kvm_rax_read(vcpu)';

describe('C that is no C', () => {
  check(C, [
    { name: 'an empty file', text: '', references: [], problem: null },
    { name: 'a byte-order mark alone', text: '\ufeff', references: [], problem: null },
    { name: 'binary', text: many(300_000, (i) => String.fromCharCode(((i * 2654435761) >>> 7) & 255)), references: [] },
    {
      name: 'names that JavaScript objects have',
      text: `#define constructor(x) x\nstruct __proto__ { int toString; } valueOf;\n${fn(`constructor(1); return ${READ};`, 'hasOwnProperty')}`,
      references: ['5:24 read VCPU_REGS_RAX in hasOwnProperty'],
      problem: null,
    },
  ]);
});

describe('bytes that are no text', () => {
  it('of a wrong encoding are a problem and move no column', async () => {
    const [before = '', behind = ''] = fn(`\t/* caf */ return ${READ};`).split('caf');
    const bytes = Buffer.concat([Buffer.from(`${before}caf`), Buffer.from([0xe9, 0xff, 0xc3]), Buffer.from(behind)]);
    const model = await modelOfTree(temporaryTree({ ...tree, [C]: bytes }));
    expect(model.problems).toEqual([{ file: C, line: null, message: 'not UTF-8: 3 bytes read as "?"' }]);
    expect(referenceLines(model, C)).toEqual(['3:22 read VCPU_REGS_RAX in f']);
  });

  it('of a binary file are left out', async () => {
    const model = await modelOfTree(temporaryTree({ ...tree, [C]: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff]) }));
    expect(model.problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      expect.stringMatching(/bad\.c: binary/),
    ]);
    expect(soundReferences(model)).toEqual(soundReferences(await modelOf(tree)));
  });
});

describe('10 MB on one line', () => {
  const size = 10_000_000;
  check(C, [
    { name: 'a word', text: 'a'.repeat(size), references: [] },
    { name: 'words', text: 'a b;'.repeat(size / 4), references: [] },
    { name: 'a string', text: `"${'x'.repeat(size)}"`, references: [] },
    {
      name: 'a line comment',
      text: `//${'x'.repeat(size)}\n${fn(`return ${READ};`)}`,
      references: ['4:8 read VCPU_REGS_RAX in f'],
    },
    {
      name: 'a comment',
      text: `/*${'x'.repeat(size)}*/${fn(`return ${READ};`)}`,
      references: ['3:8 read VCPU_REGS_RAX in f'],
    },
    { name: 'brackets', text: '('.repeat(size), references: [] },
    { name: 'functions', text: 'int f(x){}'.repeat(size / 10), references: [] },
    { name: 'calls of accessors', text: fn(`${READ};`.repeat(size / 20)) },
    { name: 'a macro of enumerators in calls', text: `#define A ${'f(VCPU_REGS_RAX, '.repeat(size / 17)}` },
  ]);
  check(ASM, [
    { name: 'an assembly word', text: 'a'.repeat(size), references: [] },
    {
      name: 'assembly statements',
      text: 'mov %rax, %rbx;'.repeat(size / 15),
      references: [],
      problem: /^1 .*too long/,
    },
    { name: 'an assembly string', text: `.ascii "${'x'.repeat(size)}"`, references: [] },
  ]);
});

describe('half-written code', () => {
  const sound = fn('\treturn kvm_rcx_read(vcpu);', 'g');
  check(C, [
    {
      name: 'a call without its end',
      text: `${fn(`\tif (${READ}) {\n\t\tkvm_rcx_write(vcpu,`)}${sound}`,
      references: ['3:6 read VCPU_REGS_RAX in f', '4:3 write VCPU_REGS_RCX in f', '8:9 read VCPU_REGS_RCX in g'],
      problem: /^\d f: /,
    },
    {
      name: 'a block without its end',
      text: `${fn(`\tif (a) {\n\t\t${READ};`)}${sound}`,
      references: ['4:3 read VCPU_REGS_RAX in f if a', '8:9 read VCPU_REGS_RCX in g'],
      problem: /^\d f: /,
    },
    {
      name: 'braces without their end',
      text: `${fn(`\tif (a) {{{{{ ${READ};`)}${sound}`,
      references: ['3:15 read VCPU_REGS_RAX in f', '7:9 read VCPU_REGS_RCX in g'],
      problem: /^\d f: /,
    },
    {
      name: 'a function without its end',
      text: `static int f(struct kvm_vcpu *vcpu)\n{\n\treturn ${READ};`,
      references: ['3:9 read VCPU_REGS_RAX in f'],
    },
    { name: 'a head alone', text: `static int f(struct kvm_vcpu *vcpu\n${sound}` },
    {
      name: 'a comment without its end',
      text: `${fn(`\t${READ}; /* \n\t${READ};`)}${sound}`,
      references: ['3:2 read VCPU_REGS_RAX in f'],
      problem: /^3 .*comment/,
    },
    {
      name: 'a string without its end',
      text: `${fn(`\tg("open);\n\t${READ};`)}${sound}`,
      references: ['4:2 read VCPU_REGS_RAX in f', '8:9 read VCPU_REGS_RCX in g'],
    },
    {
      name: 'a character without its end',
      text: `${fn(`\tg('\\'open);\n\t${READ};`)}${sound}`,
      references: ['4:2 read VCPU_REGS_RAX in f', '8:9 read VCPU_REGS_RCX in g'],
    },
    {
      name: 'a #define without its end',
      text: `${sound}#define F(x, \\\n`,
      references: ['3:9 read VCPU_REGS_RCX in g'],
    },
    {
      name: 'a conflict that was not resolved',
      text: `${fn(`<<<<<<< ours\n\t${READ};\n=======\n\tkvm_rcx_read(vcpu);\n>>>>>>> theirs`)}${sound}`,
      references: ['4:2 read VCPU_REGS_RAX in f', '6:2 read VCPU_REGS_RCX in f', '11:9 read VCPU_REGS_RCX in g'],
      problem: /^3 a merge conflict is not resolved here/,
    },
  ]);
});

describe('#if', () => {
  check(C, [
    {
      name: 'without its end',
      text: `#if A\n${fn(`\t${READ};`)}`,
      references: ['4:2 read VCPU_REGS_RAX in f if A'],
      problem: /^1 #if without #endif$/,
    },
    {
      name: 'its end too many',
      text: `#endif\n#else\n${fn(`\t${READ};`)}`,
      references: ['5:2 read VCPU_REGS_RAX in f'],
      problem: /^1 #endif without #if\n2 #else without #if$/,
    },
    {
      name: 'unbalanced inside a function',
      text: fn(`#ifdef A\n\t${READ};\n#else\n\tkvm_rcx_read(vcpu);`),
      references: ['4:2 read VCPU_REGS_RAX in f if A', '6:2 read VCPU_REGS_RCX in f if !A'],
      problem: /^3 #if without #endif$/,
    },
    {
      name: '100,000 of them open',
      text: '#if A\n'.repeat(100_000),
      references: [],
      problem: /^\d+ #if without #endif/,
    },
    {
      name: '100,000 of them closed',
      text: `${'#if A\n#endif\n'.repeat(100_000)}${fn(`${READ};`)}`,
      references: ['200003:1 read VCPU_REGS_RAX in f'],
      problem: null,
    },
    { name: '10,000 of them nested', text: `${'#if A\n'.repeat(10_000)}${'#endif\n'.repeat(10_000)}`, problem: null },
    { name: '100,000 #elif', text: `#if A\n${'#elif B\n'.repeat(100_000)}#endif\n`, references: [], problem: null },
    { name: '1,000 #else in a function', text: fn(`#if A\n${READ};\n#else\n#endif\n`.repeat(1000)) },
    { name: '200 #elif in a function', text: fn(`#if A\n${`#elif B\n${READ};\n`.repeat(200)}#endif`) },
  ]);
  check(ASM, [
    {
      name: '100,000 of the C preprocessor in assembly',
      text: '#if A\n'.repeat(100_000),
      problem: /#if without #endif/,
    },
    { name: '100,000 of the assembler', text: '.if A\n'.repeat(100_000), problem: /\.if without its end/ },
  ]);
});

describe('macros without end', () => {
  const value = (text: string) => `static struct ops o = { .f = ${text} };\n`;
  const uses = (name: string) =>
    `${value(name)}#define SET (1 << ${name})\nBUILD_KVM_GPR_ACCESSORS(${name}, ${name})\n`;
  check(C, [
    { name: 'that name themselves', text: `#define A A A\n#define F(x) F(F(x) x)\n${uses('A')}${value('F(F(1))')}` },
    { name: 'that name one another', text: `#define A B B\n#define B C C\n#define C A A\n${uses('A')}` },
    {
      name: 'that make accessors of themselves',
      text: '#define G(l, U) G(l, U) int l(struct kvm_vcpu *v) { return v->arch.regs[U]; } G(l, U)\nG(rbx, VCPU_REGS_RBX)\n',
    },
    {
      name: 'that double 40 times',
      text: `${many(40, (i) => `#define M${i} M${i + 1} M${i + 1}\n`)}#define M40 VCPU_REGS_RAX\n${uses('M0')}`,
      references: ['41:13 other VCPU_REGS_RAX in no function'],
    },
    {
      name: 'that double 200 times, each of them a possible set',
      text: `#define M0 VCPU_REGS_RAX\n${many(200, (i) => `#define M${i + 1} M${i} M${i}\n`)}`,
    },
    { name: 'whose arguments double', text: `#define D(x) x x\n${value(`${'D('.repeat(60)}1${')'.repeat(60)}`)}` },
    {
      name: 'whose arguments double where accessors are made',
      text: `#define D(x) x x regs\n${'D('.repeat(200)}1${')'.repeat(200)}\n`,
    },
    {
      name: 'whose arguments nest 20,000 deep',
      text: `#define I(x) x\n${value(`${'I('.repeat(20_000)}1${')'.repeat(20_000)}`)}`,
    },
    {
      name: 'that paste what they pasted',
      text: `${many(60, (i) => `#define P${i}(x) P${i + 1}(x##x)\n`)}#define P60(x) x\n${value('P0(ab)')}`,
    },
    {
      name: 'that quote what they quoted',
      text: `#define S0(x) #x\n${many(60, (i) => `#define S${i + 1}(x) S${i}(#x)\n`)}${value('S60("\\"")')}`,
    },
    {
      name: 'in a chain of 5,000',
      text: `${many(5000, (i) => `#define M${i}(a) M${i + 1}(a)\n`)}#define M5000(a) regs[a]\nM0(VCPU_REGS_RAX)\n`,
    },
  ]);
  check(ASM, [
    {
      name: 'of the assembler, naming themselves',
      text: '.macro m\nm\nm\n.endm\nSYM_FUNC_START(f)\nm\nvmrun\nSYM_FUNC_END(f)\n',
      problem: /m expands too deep or too long/,
    },
    {
      name: 'of the assembler, doubling',
      text: `${many(40, (i) => `.macro m${i}\nm${i + 1}\nm${i + 1}\n.endm\n`)}.macro m40\nnop\n.endm\nm0\n`,
      problem: /too/,
    },
    { name: 'of the assembler, repeated', text: '.rept 100000\n.rept 100000\npush %rax\n.endr\n.endr\n' },
    {
      name: 'of the C preprocessor in assembly',
      text: `${many(40, (i) => `#define M${i} M${i + 1} M${i + 1}\n`)}mov M0, %rax\n`,
    },
  ]);
});

describe('nesting', () => {
  check(C, [
    {
      name: '300 parentheses',
      text: fn(`\treturn ${'('.repeat(300)}${READ}${')'.repeat(300)};`),
      references: ['3:309 read VCPU_REGS_RAX in f'],
      problem: null,
    },
    {
      name: '10,000 parentheses',
      text: fn(`\treturn ${'('.repeat(10_000)}${READ}${')'.repeat(10_000)};`),
      references: ['3:10009 read VCPU_REGS_RAX in f'],
    },
    {
      name: '10,000 parentheses without end',
      text: `${fn(`\treturn ${'('.repeat(10_000)}${READ};`)}${fn(`\treturn ${READ};`, 'g')}`,
      problem: /f: /,
    },
    {
      name: '10,000 braces',
      text: fn(`${'{'.repeat(10_000)}${READ};${'}'.repeat(10_000)}`),
      references: ['3:10001 read VCPU_REGS_RAX in f'],
    },
    { name: 'a sum of 5,000', text: fn(`\treturn ${`${READ} + `.repeat(5000)}0;`) },
    { name: '3,000 else ifs', text: fn(`${`if (a) ${READ};\nelse `.repeat(3000)};`), problem: /f: / },
    { name: '20,000 structs in one another', text: `struct a {${'struct {'.repeat(20_000)}${'};'.repeat(20_000)}};\n` },
    { name: '20,000 brackets of an initialiser', text: `int a[] = ${'{'.repeat(20_000)}${'}'.repeat(20_000)};\n` },
  ]);
});

describe('a function of very many', () => {
  check(C, [
    { name: 'statements', text: fn(`${READ};`.repeat(4000)) },
    { name: 'early exits', text: fn(`if (a) return 1;\n${READ};\n`.repeat(1000)) },
    { name: 'cases', text: fn(`switch (a) {\n${`case 1: ${READ}; break;\n`.repeat(3000)}}`) },
    { name: 'labels', text: fn(many(1000, (i) => `if (a) goto l${i};\nl${i}: ${READ};\n`)) },
    {
      name: 'variables that are made of each other in branches',
      text: fn(
        `long v = ${READ}, w = 0;\n${'if (a) v = b ? v : w;\nif (c) w = d ? w : v;\n'.repeat(60)}kvm_rcx_write(vcpu, v);`,
      ),
    },
    {
      name: 'values of one variable',
      text: fn(`int a = ${READ};\n${'a = a + a + a + a;\n'.repeat(100)}kvm_rcx_write(vcpu, a);`),
    },
  ]);
});

describe('the register enum', () => {
  /** The sound tree's header with another enum. */
  const withEnum = (members: string) =>
    (tree[HOST] ?? '').replace(/enum kvm_reg \{[^}]*\}/, `enum kvm_reg {${members}}`);
  const enums: readonly (readonly [string, string])[] = [
    ['of 50,000 members', many(50_000, (i) => `VCPU_REGS_X${i},\n`)],
    [
      'of a value too deep',
      `VCPU_REGS_RAX = ${'(\n'.repeat(100_000)}1${')\n'.repeat(100_000)}, VCPU_REGS_RCX = ${'~\n'.repeat(100_000)}1`,
    ],
    [
      'of a value too large',
      `VCPU_REGS_RAX = 1${' << 63'.repeat(10_000)}, VCPU_REGS_RCX = ${'0xffffffffffffffff * '.repeat(10_000)}1`,
    ],
    ['half-written', 'VCPU_REGS_RAX = , VCPU_REGS_RCX = (1, = 5, , VCPU_REGS_RDX'],
    ['empty', ''],
  ];
  for (const [name, members] of enums) {
    it(name, async () => {
      const model = await modelWith(HOST, withEnum(members));
      expect(model.registers.length).toBeGreaterThan(0);
    });
  }

  it('twice: the first counts, the second is a problem', async () => {
    const second = `enum kvm_reg { VCPU_REGS_RAX = 5, VCPU_REGS_RBX, VCPU_REGS_NEW };\n${fn(`\treturn vcpu->arch.regs[VCPU_REGS_NEW];`)}`;
    const model = await modelWith(C, second);
    expect(problems(model)).toEqual([`1 a second enum kvm_reg; the one in ${HOST} is used`]);
    expect(soundReferences(model)).toEqual(soundReferences(await modelOf(tree)));
    const known = model.registers.map(
      ({ register, member }) => `${register} ${member?.index ?? ''} ${member?.declared?.file ?? ''}`,
    );
    expect(known).toContain(`RAX 0 ${HOST}`);
    expect(known.join('\n')).not.toMatch(/NEW/);
  });

  it('nowhere: a problem says so, and R16-R31 are still told', async () => {
    const model = await modelOf(Object.fromEntries(Object.keys(tree).map((path) => [path, ''])));
    expect(problems(model)).toEqual([expect.stringMatching(/no enum kvm_reg/)]);
    expect(model.registers.map((register) => register.register)).toEqual(
      Array.from({ length: 16 }, (_, i) => `R${i + 16}`),
    );
  });
});
