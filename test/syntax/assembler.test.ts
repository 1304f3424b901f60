import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { headers, read, showInstruction, shown } from './assemblyFixture.js';

/** The operands' places in the text, as written there. */
function placed(text: string, environment = headers([])): string[][] {
  return read(text, environment).instructions.map(({ operands }) =>
    operands.map(({ start, end }) => text.slice(start, end)),
  );
}

const slots = String.raw`
#ifdef __ASSEMBLER__
#define WORD (BITS_PER_LONG / 8)
.macro NUMBER_OF out reg
\out = 100
.ifc \reg,%rax
\out = __REGS_RAX
.endif
.ifc \reg,%r8
\out = 8
.endif
.if \out == 100
.error "no such register"
.endif
.endm
.macro PUT to:req, ofs:req, regs:vararg
.irp reg, \regs
	NUMBER_OF number \reg
	mov \reg, (\ofs + number * WORD)(\to)
.endr
.endm
#endif
#define __REGS_RAX 0
`;

describe('what no assembler takes', () => {
  const problemsOf = (text: string) => read(text).problems.map(({ message }) => message);

  // Each was given to GNU as 2.40, which refuses it.
  it.each([
    ...[
      'mov %r13 8(%rax)',
      'mov 8(%rax) %rbp',
      'mov %rax, 8(%rcx',
      'mov 8(%rax)), %rcx',
      'add $1 %rax',
      'mov $1 2, %rax',
    ],
    ...[
      'mov r12, 8(%rax)',
      'mov 8(%rax), r11',
      'mov 8(%rax), $r9',
      'mov 8(%rax), %r1',
      'mov 8(%rax), %mov',
      'mov %rax',
    ],
    ...[
      'mov * 8(%rax), %rcx',
      'mov 8(%rax,%rcx,4,1), %rdx',
      'mov 8(%rax %rcx), %rdx',
      'push %_ASM_D',
      'mov %gx:8, %rax',
    ],
    ...[
      'mov +(%rax), %rcx',
      'mov 8 9(%rax), %rcx',
      'lock add $1, 8(%rax) 9',
      'mov , %rax',
      'jmp %rax %rcx',
      'mov %rax(1), %rcx',
    ],
  ])('is listed, and not read: %s', (text) => {
    const { instructions } = read(`nop\n${text}\nnop`);
    expect(problemsOf(text)).toEqual([expect.stringMatching(/: no instruction is written so$/)]);
    expect(instructions.map(({ unread }) => unread !== null)).toEqual([false, true, false]);
    expect(instructions[1]?.operands).toEqual([]);
  });

  it.each([
    ...[
      'mov (8 + 2 * (64/8))(%rax), %rcx',
      'mov name(%rip), %rax',
      'mov name + 8, %rax',
      'mov %gs:name(%rip), %rax',
      'mov %fs:(%rax), %cl',
    ],
    ...[
      'mov (,%rcx,8), %rax',
      'mov -8(%rsp,%rcx), %rax',
      'mov PER_CPU_VAR(name + 8), %rsp',
      'mov $-1, %rax',
      'mov $(1 << 3 | ~2), %rax',
    ],
    ...[
      'jmp *%rax',
      'jmp *8(%rax)',
      'call name@PLT',
      'jmp 1f',
      'call *name(,%rax,8)',
      'movsq (%rsi), (%rdi)',
      'rep movsb',
      'push 8(%rax)',
    ],
    ...[
      'mov %cr3, %rax',
      'mov %rax, %db7',
      'movd %mm0, %eax',
      'movdqu %xmm31, (%rax)',
      'mov %ss, %eax',
      'push $name',
      'bswap %r16d',
      'add $8, %rdi, %rcx',
    ],
    ...[
      "mov $'a', %al",
      'imul $8, %rax, %rcx',
      'shl %rax',
      'xadd %rax, (%rcx)',
      'mov %AX, %BX',
      'movslq (%rax), %rcx',
      'testb $1, name',
    ],
    ...['SAVE %rax, 8 9(%rcx)', 'LOAD 8(%rax) 9(%rcx), $2'],
  ])('is not taken for what one takes, or what may be a macro: %s', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('statements', () => {
  it('reads lines, semicolons and comments of each kind', () => {
    const text = "/* mov %rax, %rbx */ push %rax; pop %rbx // no\n# a comment, don't read\n\tnop # nor this\nret";
    expect(shown(text)).toEqual(['push RAX', 'pop RBX', 'nop', 'ret']);
  });

  it('keeps the place of an operand on a continuation line', () => {
    expect(placed('mov \\\n  %rax, \\\n  %rbx\nnop')).toEqual([['%rax', '%rbx'], []]);
  });

  it('joins lines where blanks stand behind the backslash', () => {
    const text = '#define PAIR(a, b) \\ \n\tmov a, b; \\\t\n\tnop\nPAIR(%rax, \\ \n %rbx)\nud2 # no \\ \nret\nhlt';
    expect(shown(text)).toEqual(['mov RAX, RBX', 'nop', 'ud2', 'hlt']);
    expect(placed(text)[0]).toEqual(['%rax', '%rbx']);
  });

  it('reads CRLF', () => {
    expect(shown('#define A %rax\r\nmov A, \\\r\n %rbx\r\nnop\r\n')).toEqual(['mov RAX, RBX', 'nop']);
  });

  it('reads labels of each kind', () => {
    const { instructions } = read('f:\n.Lhere:\n1: 2: nop\njmp 1b');
    expect(instructions.map((i) => i.labels)).toEqual([['f', '.Lhere', '1', '2'], []]);
  });

  it.each([
    ['SYM_FUNC_START(f)', 'SYM_FUNC_END(f)'],
    ['SYM_CODE_START_LOCAL_NOALIGN(f)', 'SYM_CODE_END(f)'],
    ['ENTRY(f)', 'ENDPROC(f)'],
    ['ENTRY(f)', 'END(f)'],
  ])('knows the function between %s and %s', (start, end) => {
    const text = `${start}\n\tnop\nSYM_INNER_LABEL_ALIGN(inside, SYM_L_GLOBAL)\n\tret\n${end}\n\tud2`;
    const { functions, instructions } = read(text);
    expect(instructions.map((i) => i.function)).toEqual(['f', 'f', null]);
    expect(instructions[1]?.labels).toEqual(['inside']);
    expect(functions.map(({ name, nameStart }) => [name, text.slice(nameStart, nameStart + 1)])).toEqual([['f', 'f']]);
  });

  it('takes a label outside of a function for its beginning', () => {
    const { instructions } = read('.globl f\n.globl g\nf: nop\nlocal: nop\ng: nop');
    expect(instructions.map((i) => i.function)).toEqual(['f', 'f', 'g']);
  });

  it('notes the section', () => {
    const text = 'nop\n.pushsection .fixup,"ax"\nud2\n.section "x"\nud2\n.popsection\nnop\n.popsection\n.text\nnop';
    expect(read(text).instructions.map((i) => i.section)).toEqual([null, '.fixup', 'x', null, '.text']);
  });

  it('goes back to the section before', () => {
    const text =
      'nop\n.section .extable\nud2\n.previous\nnop\n.previous\nud2\n.previous\n.pushsection a\nud2\n.section b\nud2\n.previous\nud2\n.popsection\nnop';
    expect(read(text).instructions.map((i) => i.section)).toEqual([
      null,
      '.extable',
      null,
      '.extable',
      'a',
      'b',
      'a',
      null,
    ]);
  });

  it('reads what asks for an encoding as a prefix', () => {
    expect(shown('{rex2} mov %r16, 8(%rdi)\n{nf} {evex} add %r16, %rax')).toEqual([
      'rex2 mov R16, 8(RDI)',
      'nf evex add R16, RAX',
    ]);
  });

  it('takes what no macro is known for as an instruction of that name', () => {
    expect(shown('UNKNOWN_MACRO %rax\nfrobnicate 8(%rdi)\nlock UNKNOWN')).toEqual([
      ...['UNKNOWN_MACRO RAX', 'frobnicate 8(RDI)', 'lock UNKNOWN'],
    ]);
  });
});

describe('operands', () => {
  it('gives the GPR of every part', () => {
    expect(shown('add %al, %ah\nadd %r8d, %r15w\nmov %r16, %r31d\nmov %sil, %cr0')).toEqual([
      'add RAX, RAX',
      'add R8, R15',
      'mov R16, R31',
      'mov RSI, cr0',
    ]);
  });

  it('reads memory, with a space before the bracket', () => {
    const text = 'mov 8*2 (%rdi), %rax\nlea -8(%rax,%rcx,4), %rdx\nmov sym+4(%rip), %eax\nmov %gs:(%rax), %rbx';
    expect(shown(text)).toEqual([
      'mov 16(RDI), RAX',
      'lea -8(RAX,RCX,4), RDX',
      'mov sym+4(rip), RAX',
      'mov gs:(RAX), RBX',
    ]);
  });

  it('reads immediates and symbols', () => {
    expect(shown('mov $(1 << 4) | 1, %eax\ncall *%rax\njmp .Lout\nlock orl $FLAG, (%rax)')).toEqual([
      'mov $17, RAX',
      'call RAX',
      'jmp .Lout',
      'lock orl $FLAG, (RAX)',
    ]);
  });

  it.each([
    [8, ['mov RDI, RAX', 'mov R8, RAX', 'mov 8(RAX), RAX']],
    // The fifth argument is in memory there, so that nothing is called so.
    [4, ['mov RAX, RAX', 'mov', 'mov 4(RAX), RAX']],
  ] as const)('knows the _ASM_ names of a kernel with words of %d bytes', (wordSize, expected) => {
    const text = 'mov %_ASM_ARG1, %_ASM_AX\nmov %_ASM_ARG5, %_ASM_AX\nmov BITS_PER_LONG/8(%_ASM_AX), %eax';
    expect(shown(text, headers([], wordSize))).toEqual(expected);
  });

  it('decodes the instructions that kernels write as bytes', () => {
    const { instructions } = read('.byte 0x0f, 0x01, 0xc2\n.byte 0xd5, 0x4d, X');
    expect(instructions.map((i) => [i.mnemonic, i.bytes])).toEqual([
      ['vmlaunch', [0x0f, 0x01, 0xc2]],
      ['.byte', [0xd5, 0x4d, null]],
    ]);
  });
});

describe('#define and #if', () => {
  const text = `
#define SIZE (BITS_PER_LONG / 8)
#define SLOT_RCX (regs_offset + __REGS_RCX * SIZE)
	mov SLOT_RCX(%rdi), %rcx
`;
  const environment = headers(['#define __REGS_RCX 1\n']);

  it('folds nested macros and keeps the name that was written', () => {
    expect(shown(text, environment)).toEqual(['mov regs_offset+8(RDI), RCX']);
    const [memory] = read(text, environment).instructions[0]?.operands ?? [];
    const displacement = memory?.kind === 'memory' ? memory.displacement : null;
    expect(displacement?.names.map(({ name }) => name)).toEqual([
      'SLOT_RCX',
      'regs_offset',
      '__REGS_RCX',
      'SIZE',
      'BITS_PER_LONG',
    ]);
    expect(text.slice(displacement?.start, displacement?.end)).toBe('SLOT_RCX');
  });

  it('keeps both branches of an unknown #if, each under its condition', () => {
    const both = read('#ifdef CONFIG_A\nnop\n#else\nud2\n#endif').instructions;
    expect(both.map((i) => [i.mnemonic, i.conditions.map(guardText)])).toEqual([
      ['nop', ['CONFIG_A']],
      ['ud2', ['!CONFIG_A']],
    ]);
  });

  it.each([
    [8, ['push R15']],
    [4, ['push RDI']],
  ] as const)('keeps what a kernel with words of %d bytes has', (wordSize, expected) => {
    expect(shown('#ifdef CONFIG_X86_64\npush %r15\n#else\npush %edi\n#endif', headers([], wordSize))).toEqual(expected);
  });

  it('takes the definition that holds at the place', () => {
    const choice =
      '#ifdef CONFIG_A\n#define X 1\n#else\n#define X 2\n#endif\n#ifndef CONFIG_A\nmov $X, %eax\n#endif\n' +
      '#ifdef CONFIG_A\nmov $X, %eax\n#endif';
    expect(shown(choice)).toEqual(['mov $2, RAX', 'mov $1, RAX']);
  });

  it('leaves out what only C sees', () => {
    const header = '#ifdef __ASSEMBLER__\n#define FORM(x) x\n#else\n#define FORM(x) " " #x\n#endif';
    expect(shown('FORM(nop)', headers([header]))).toEqual(['nop']);
  });

  it('joins no words that a macro puts side by side', () => {
    expect(shown('#define TWICE(n, i) .rept n; i; .endr\nALTERNATIVE __stringify(TWICE(2,nop)), FEATURE')).toEqual([
      'nop',
      'nop',
    ]);
  });

  it('splits a macro that makes several statements', () => {
    const several = '#define GET(r, n) mov n * 8(%rdi), r; nop\n\tGET(%r9, 9)';
    expect(shown(several)).toEqual(['mov 72(RDI), R9', 'nop']);
    expect(placed(several)[0]?.[1]).toBe('%r9');
  });
});

describe('.macro', () => {
  it('expands variable arguments and .irp; operands stand where they are written', () => {
    const text = 'PUT %rdi, regs, \\\n\t%rax, \\\n\t%r8';
    expect(shown(text, headers([slots]))).toEqual(['mov RAX, regs(RDI)', 'mov R8, regs+64(RDI)']);
    expect(placed(text, headers([slots])).map(([register]) => register)).toEqual(['%rax', '%r8']);
    const { instructions } = read(text, headers([slots]));
    expect(instructions.map(({ start, end }) => [start, end])).toEqual([
      [0, text.length],
      [0, text.length],
    ]);
    expect(instructions.map((i) => i.expansion.map(({ name }) => name))).toEqual([['PUT'], ['PUT']]);
    expect(instructions.map(({ item }) => item && text.slice(item.start, item.end))).toEqual(['%rax', '%r8']);
  });

  it('gives arguments by name, defaults, and counts its uses', () => {
    const text = String.raw`.macro M a:req b=7 c
.Lx\@: mov $\b, \a\c
.endm
M %r c=8
M a=%r, b=1, c=9`;
    const { instructions } = read(text);
    expect(instructions.map((i) => `${i.labels.join()} ${showInstruction(i)}`)).toEqual([
      '.Lx0 mov $7, R8',
      '.Lx1 mov $1, R9',
    ]);
  });

  it('evaluates .if where it can and keeps both branches where it cannot', () => {
    const text = String.raw`.macro M a b
.if \a && !\b
nop
.else
ud2
.endif
.endm
M 1 0
M 1 1
M x 1`;
    expect(read(text).instructions.map((i) => [i.mnemonic, i.conditions.map(guardText)])).toEqual([
      ['nop', []],
      ['ud2', []],
      ['nop', ['.if x && !1']],
      ['ud2', ['!(.if x && !1)']],
    ]);
  });

  it('compares as GNU as does: <> is !=, true is -1, and + binds tighter', () => {
    const text = `number = 3
.if number <> 100
nop
.else
ud2
.endif
.if number <> 3 || number == 2 + 2
ud2
.endif
mov $(number <> 100), %eax
mov $(number<>3), %eax`;
    expect(read(text).instructions.map((i) => [showInstruction(i), i.conditions])).toEqual([
      ['nop', []],
      ['mov $-1, RAX', []],
      ['mov $0, RAX', []],
    ]);
  });

  it('has no condition for what must hold lest there be an .err', () => {
    const text = String.raw`.macro M reg
.if \reg <> NONE
nop
.elseif \reg == OTHER
.error "not here"
.else
.err
.endif
.endm
M x
.if A
hlt
.elseif B
ret
.else
.err
.endif
.if C
.err
.endif
cli`;
    expect(read(text).instructions.map((i) => [i.mnemonic, i.conditions.map(guardText)])).toEqual([
      ['nop', []],
      ['hlt', ['.if A']],
      ['ret', ['!(.if A)']],
      ['cli', []],
    ]);
  });

  it('repeats and substitutes inside words', () => {
    const text = String.raw`.irpc n, 89
push %r\n
.endr
.rept 2
nop
.endr
.irp n, 8, 9
mov %r\n\()d, %r1\n
.endr`;
    expect(shown(text)).toEqual(['push R8', 'push R9', 'nop', 'nop', 'mov R8, R18', 'mov R9, R19']);
  });

  it('sets symbols again and again', () => {
    expect(shown('.set n, 1\nmov $n, %eax\nn = n * 2 + BASE\nmov $n, %eax')).toEqual([
      'mov $1, RAX',
      'mov $BASE+2, RAX',
    ]);
  });

  it('a macro that only speaks of ALTERNATIVEs is a macro', () => {
    const text = '.macro ANNOTATE_ALTERNATIVE\n.Lhere:\n.pushsection .discard\n.long .Lhere - .\n.popsection\n.endm\n';
    const { alternatives, instructions, data } = read(`${text}cli\nANNOTATE_ALTERNATIVE\nret`);
    expect(alternatives).toEqual([]);
    expect(instructions.map(({ mnemonic, labels }) => [mnemonic, ...labels])).toEqual([['cli'], ['ret', '.Lhere']]);
    expect(data.map(({ section }) => section)).toEqual(['.discard']);
  });

  it('opens the instructions in an ALTERNATIVE', () => {
    const text = 'ALTERNATIVE_2 "", __stringify(mov %r16, 8(%rdi); \\\n\tnop), FEATURE, "jmp 1f", OTHER';
    const { instructions } = read(text);
    expect(instructions.map(showInstruction)).toEqual(['mov R16, 8(RDI)', 'nop', 'jmp 1f']);
    expect(instructions.every((i) => i.alternative !== null)).toBe(true);
    expect(placed(text)).toEqual([['%r16', '8(%rdi)'], [], ['1f']]);
  });

  it('takes what is apart in an ALTERNATIVE for two arguments, with no comma between them', () => {
    const { instructions, problems } = read('ALTERNATIVE "jmp 1f", __stringify(mov $16, %rax; nop) (7*32+12)\n1:');
    expect(instructions.map(showInstruction)).toEqual(['jmp 1f', 'mov $16, RAX', 'nop']);
    expect(instructions.map(({ alternative }) => alternative?.feature !== null)).toEqual([true, true, true]);
    expect(problems).toEqual([]);
  });

  it('is known from its definition up to .purgem', () => {
    expect(shown('M\n.macro M\nnop\n.endm\nM\n.purgem M\nM')).toEqual(['M', 'nop', 'M']);
  });

  it('prefers a .macro to an empty #define of its name', () => {
    const header = '#ifdef CONFIG_F\n.macro FRAME\npush %rbp\n.endm\n#else\n#define FRAME\n#endif';
    expect(shown('FRAME', headers([header]))).toEqual(['push RBP']);
  });
});

describe('a macro that opens functions and uses itself', () => {
  it('is a problem, and brings no more functions than a file may have', () => {
    const { functions, problems } = read(
      'SYM_FUNC_START(f)\n.macro n\nSYM_FUNC_START(g)\npush %rax\nn\nn\nSYM_FUNC_END(g)\nvmresume\n.endm\nn\nSYM_FUNC_END(f)\n',
    );
    expect(functions.length).toBeLessThanOrEqual(1_001);
    expect(problems.map(({ message }) => message)).toContain('too many functions; the rest is not read');
  });
});

describe('bad text', () => {
  it.each([
    '',
    '\0\x01\xff',
    '.macro',
    '.macro M\nM\n.endm\nM',
    '.macro M a\nM \\a \\a\nM \\a\n.endm\nM x',
    '.macro M a\nM \\a\\a\n.endm\nM xyz',
    '.macro M a\n.ascii "\\a\\a"\nM "\\a\\a"\n.endm\nM "xyz"',
    '.endr\n.endm\n.endif\n.else',
    '.if',
    '.rept 1000000000\n.rept 1000000000\nnop\n.endr\n.endr',
    '#define A B\n#define B A\nmov A, B',
    '#if\n#else\nmov (((%rax',
    'mov $(, %rax)',
    'x = 1 / 0\nmov $x, %eax\ny = 1 << 5000\nmov $y >> 1, %eax',
    'mov %, (%), $',
    'SYM_FUNC_START(',
    '"open string\nnop',
    '.irp',
    '.irpc x',
    '.if x\nnop\n'.repeat(3_000),
    '.macro A\n'.repeat(3_000),
    '; '.repeat(50_000),
    'a:'.repeat(50_000),
    `mov ${'('.repeat(3_000)}`,
    `mov $0x${'f'.repeat(90_000)}, %eax`,
    `${'START_'.repeat(15_000)}$(f)`,
    `#if${' '.repeat(90_000)}x\nnop\n#else\nnop\n#endif`,
  ])('%#', (text) => {
    const { instructions } = read(text);
    // What takes longer than it may takes longer than a test has.
    expect(instructions.length).toBeLessThanOrEqual(100_000);
    expect(instructions.every(({ start, end }) => start <= end && end <= text.length)).toBe(true);
  });

  it('tells a block without an end', () => {
    expect(read('nop\n.macro M\nnop').problems).toEqual([{ offset: 4, message: '.macro without its end' }]);
  });

  it('tells that Intel syntax is not read, up to .att_syntax', () => {
    const text = 'mov (%rax), %rcx\n.intel_syntax noprefix\nmov rcx, [rax]\njmp out\n.att_syntax\nmov (%rax), %rdx';
    const { instructions, problems } = read(text);
    expect(problems).toEqual([{ offset: 17, message: '.intel_syntax is not read' }]);
    expect(instructions.map((one) => [showInstruction(one), one.unread?.start ?? null])).toEqual([
      ['mov (RAX), RCX', null],
      ['mov rcx, ?', 17],
      ['jmp out', 17],
      ['mov (RAX), RDX', null],
    ]);
  });

  it('never throws, and offsets lie in the text', () => {
    const words =
      String.raw`mov %rax %r8 ( ) , $ \ \x .macro .endm .irp .endr .if .endif .ifc ; " X M : 1 = .set @ /* */ # % .byte`.split(
        ' ',
      );
    const word = fc.constantFrom(...words, '\n', ' ', '#define X', '#ifdef A', '#endif', 'ALTERNATIVE', '__stringify(');
    const texts = fc.oneof(
      fc.array(word, { maxLength: 60 }).map((list) => list.join(' ')),
      fc.array(word, { maxLength: 60 }).map((list) => list.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { instructions, functions, problems } = read(text, headers([slots]));
        const spans = [...instructions, ...functions, ...instructions.flatMap((i) => [...i.operands, ...i.expansion])];
        for (const { start, end } of spans) expect(0 <= start && start <= end && end <= text.length).toBe(true);
        for (const { offset } of problems) expect(offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 300 },
    );
  });
});
