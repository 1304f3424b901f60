import fc from 'fast-check';

const REGISTERS = ['%rax', '%rbx', '%rcx', '%r8', '%r15', '%r31', '%_ASM_AX', '%_ASM_SP', '%_ASM_ARG1', '%eax', '%al'];

/** Names of labels, macros, symbols and parameters: few, so that they meet. */
const name = fc.constantFrom('.La', '.Lb', '1', 'a', 'b', 'm', 'n', 'x', 'VCPU_RAX', 'WORD_SIZE', '__vmx_vcpu_run');
const register = fc.constantFrom(...REGISTERS, '\\x', '\\a', '\\@');
const number = fc.oneof(
  fc.nat(64).map(String),
  fc.constantFrom('-1', '0x7fffffffffffffff', '1 << 63', '(', '1b', '0f'),
);

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    number,
    name,
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '*', '/', '-', '==', '<<', '&&'), tie('expression'))
      .map((all) => `(${all.join(' ')})`),
  ),
}));

const operand = fc.oneof(
  register,
  fc.tuple(expression, register).map(([offset, base]) => `${offset}(${base})`),
  fc.tuple(register, register).map(([base, index]) => `(${base}, ${index}, 8)`),
  expression.map((value) => `$${value}`),
);

const MNEMONICS = ['mov', 'movq', 'lea', 'xor', 'add', 'xchg', 'test', 'cmove'];
const JUMPS = ['jmp', 'je', 'jnz', 'jbe', 'call', 'loop'];
const ALONE = [
  'vmlaunch',
  'vmresume',
  'vmrun',
  'ret',
  'ud2',
  'vmload',
  'vmsave',
  'pushf',
  'popf',
  'xsetbv',
  '.byte 0x0f, 0x01, 0xc2',
];

const instruction = fc.oneof(
  fc.tuple(fc.constantFrom(...MNEMONICS), operand, operand).map(([what, a, b]) => `${what} ${a}, ${b}`),
  fc.tuple(fc.constantFrom('push', 'pop', 'inc', 'vmread'), operand).map(([what, a]) => `${what} ${a}`),
  fc
    .tuple(fc.constantFrom(...JUMPS), name, fc.constantFrom('', 'f', 'b'))
    .map(([what, to, way]) => `${what} ${to}${way}`),
  fc.constantFrom(...ALONE),
  fc.tuple(name, fc.array(operand, { maxLength: 3 })).map(([macro, given]) => `${macro} ${given.join(', ')}`),
);

const label = name.map((text) => `${text}:`);

const symbol = fc.oneof(
  fc.tuple(fc.constantFrom('.set', '.equ'), name, expression).map(([what, to, value]) => `${what} ${to}, ${value}`),
  fc.tuple(name, expression).map(([to, value]) => `#define ${to} ${value}`),
  fc.constantFrom(
    '.endm',
    '.endif',
    '.else',
    '.endr',
    '.popsection',
    '.exitm',
    '.purgem m',
    '.altmacro',
    '#endif',
    '/*',
    '"',
  ),
);

/** How deep blocks are in one another, and how many lines or blocks each has. */
interface Size {
  readonly maxDepth: number;
  readonly maxLength: number;
}

/** Lines of GNU as in the kernel's style: what is of one grammar, and in places what ends too early or begins too often. */
export function assemblyOf({ maxDepth, maxLength }: Size): fc.Arbitrary<string> {
  return fc
    .letrec<{ lines: string; block: string }>((tie) => ({
      lines: fc
        .array(
          fc.oneof(
            { maxDepth, withCrossShrink: true },
            { weight: 6, arbitrary: instruction.map((text) => `\t${text}`) },
            { weight: 2, arbitrary: label },
            { weight: 1, arbitrary: symbol },
            { weight: 4, arbitrary: tie('block') },
          ),
          { minLength: 1, maxLength },
        )
        .map((lines) => lines.join('\n')),
      block: fc.oneof(
        fc
          .tuple(name, fc.constantFrom('', ' x', ' x:req, a=1', ' x:vararg'), tie('lines'))
          .map(([macro, parameters, lines]) => `.macro ${macro}${parameters}\n${lines}\n.endm`),
        fc
          .tuple(fc.array(operand, { maxLength: 4 }), tie('lines'))
          .map(([values, lines]) => `.irp x, ${values.join(', ')}\n${lines}\n.endr`),
        fc.tuple(expression, tie('lines')).map(([times, lines]) => `.rept ${times}\n${lines}\n.endr`),
        fc
          .tuple(fc.constantFrom('.if', '.ifdef', '.ifc', '.ifnb', '.ifeq'), expression, tie('lines'), tie('lines'))
          .map(([test, value, then, other]) => `${test} ${value}\n${then}\n.else\n${other}\n.endif`),
        fc.tuple(name, tie('lines')).map(([section, lines]) => `.pushsection .${section}, "ax"\n${lines}\n.popsection`),
        fc
          .tuple(instruction, instruction)
          .map(([usual, other]) => `\tALTERNATIVE "${usual}", "${other}", X86_FEATURE_X`),
        fc.tuple(name, tie('lines')).map(([fn, lines]) => `SYM_FUNC_START(${fn})\n${lines}\nSYM_FUNC_END(${fn})`),
        fc.tuple(name, name).map(([from, to]) => `\t_ASM_EXTABLE(${from}, ${to})`),
        fc.tuple(name, tie('lines')).map(([config, lines]) => `#ifdef ${config}\n${lines}\n#endif`),
      ),
    }))
    .lines.map((lines) => `SYM_FUNC_START(__vmx_vcpu_run)\n${lines}\n\tvmresume\nSYM_FUNC_END(__vmx_vcpu_run)\n`);
}
