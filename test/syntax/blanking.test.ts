import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableC, withoutCommentsAndDirectives } from '../../server/src/syntax/c/blanking.js';
import { descendants, parseC } from '../../server/src/syntax/c/cTree.js';
import { readDirectives } from '../../server/src/syntax/preprocessor/directives.js';
import { parser } from '../engine.js';

function code(text: string): string {
  return withoutCommentsAndDirectives(text, readDirectives(text));
}

/** Any text, and text made of what blanking looks for. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...['__init', '__printf', '__attribute__', '(', '((', ')', '[', ']', '{', '}', ';', ',', ':', '...', '?', '='],
        ...['case', 'struct', 'enum', 'x', 'kvm_for_each_vcpu', 'offsetof', 'asm', 'volatile', 'goto', 'if', 'else'],
        ...[
          '"s"',
          '"',
          "'",
          '/*',
          '*/',
          '//',
          '\\',
          '\n',
          '\r\n',
          ' ',
          '\t',
          '#if A',
          '#define A',
          '#endif',
          'ä',
          '😀',
          '0',
        ],
      ),
    )
    .map((pieces) => pieces.join(' ')),
);

describe('every blanking', () => {
  it('keeps the length and the line ends', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const blanked = code(text);
        const readable = readableC(blanked);
        for (const result of [blanked, readable]) {
          expect(result.length).toBe(text.length);
          expect(newlines(result)).toEqual(newlines(text));
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

function newlines(text: string): number[] {
  return [...text.matchAll(/\n/g)].map((found) => found.index);
}

describe('withoutCommentsAndDirectives', () => {
  it('leaves only C', () => {
    const text = 'int a; /* b\n c */ int d; // e\n#define F \\\n g\n#if H\nint i;\n#endif\n';
    expect(
      code(text)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([...['int a;', 'int d;', '', '', '', 'int i;', '', '']]);
  });

  it('leaves literals as they are', () => {
    const text = String.raw`f("/* a */ // b", '"', "\"/*");`;
    expect(code(text)).toBe(text);
  });
});

describe('readableC', () => {
  /** Each is one entry or rule: what is written, and what tree-sitter gets, with white space collapsed. */
  it.each([
    ['section placement', 'static int __init f(void)', 'static int f(void)'],
    ['inlining', 'static __always_inline bool f(void)', 'static bool f(void)'],
    ['noinstr', 'static noinstr void f(void)', 'static void f(void)'],
    ['sanitizers', 'int __no_kcsan f(void)', 'int f(void)'],
    ['address spaces', 'int f(void __user *p)', 'int f(void *p)'],
    ['an attribute with arguments', '__printf(1, 2) void f(char *s, ...);', 'void f(char *s, ...);'],
    ['nested parentheses', 'int a __attribute__((aligned(8)));', 'int a ;'],
    ['a range of cases', 'case A ... B: return 1;', 'case A : return 1;'],
    ['a type as an argument', 'container_of(vcpu, struct vcpu_vmx, vcpu)', 'container_of(vcpu, vcpu_vmx, vcpu)'],
    ['a type as the last argument', 'va_arg(args, union u)', 'va_arg(args, u)'],
    ['a type of keywords as an argument', 'TRACE(rip, unsigned long, rip)', 'TRACE(rip, T , rip)'],
    ['types first and last', 'TRACE(const char *, x, long)', 'TRACE(T , x, T )'],
    ['a pointer to a struct', 'va_arg(args, struct u **)', 'va_arg(args, u )'],
    ['offsetof', 'offsetof(struct a, b[0].c)', 'OFFSETOF( a, b[0].c)'],
    ['inline assembly', 'asm volatile("nop" : : "a"(1) : "memory");', '0 ;'],
    ['a macro around inline assembly', '; asm_goto_output("1" : "=r"(a) : : : fail);', '; 0 ;'],
    ['what only the preprocessor takes for a number', 'F(3DNOWEXT) | F(0xfUL)', 'F(0 ) | F(0xfUL)'],
    ["a variable's register", 'register void *sp asm(_ASM_SP);', 'register void *sp ;'],
    ["a variable's register, with a value", 'register int a __asm__("r8") = 1;', 'register int a = 1;'],
    ["an array's register", 'int a[2] asm("xmm0");', 'int a[2] ;'],
    ['inline assembly behind else', 'else asm("nop");', 'else 0 ;'],
    ['a loop macro', '; kvm_for_each_vcpu(i, vcpu, kvm) {}', '; while (i, vcpu, kvm) {}'],
    ['a loop macro without braces', '; kvm_for_each_vcpu(i, v, kvm)\n f(v);', '; while (i, v, kvm) f(v);'],
  ])('%s', (_what, text, expected) => {
    const readable = readableC(text);
    expect(readable.replace(/\s+/g, ' ').trim().replaceAll(' (', '(')).toBe(expected.replaceAll(' (', '('));
    expect(readable.length).toBe(text.length);
  });

  it.each([
    ['a declaration of a struct parameter', 'int f(struct kvm_vcpu *vcpu, enum kvm_reg reg);'],
    ['casts', 'a = (unsigned long)b + (struct u *)c + (struct u){ 0 };'],
    ['a parameter list that is empty', 'static void f(void) { }'],
    ['sizes of types', 'a = sizeof(unsigned long) + sizeof(struct u *);'],
    ['parameters of the basic types', 'int f(unsigned long a, const char *b, void (*c)(void));'],
    ['a call that ends its statement', '; kvm_rax_write(vcpu, 1);'],
    ['a condition', 'if (f(a)) { b(); }'],
    ["a ?: with a string as a call's argument", '; pr_debug("x", a ? b : c);'],
    ['numbers', 'a = 0x1fULL + 0b11 + 017 + 1.5e-3f + .5 + 10u + 1e9;'],
    ['a comparison of a macro, behind an if', 'if (a) kvm_read_cr3(b);'],
  ])('leaves %s', (_what, text) => {
    expect(readableC(text)).toBe(text);
  });

  it('takes time in proportion to the text', () => {
    const before = process.cpuUsage();
    const open = 'f(\n'.repeat(50_000);
    expect(readableC(open)).toBe(open);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });

  it('gives tree-sitter what it can read', async () => {
    const c = await parser();
    const text = [
      'static __always_inline int __init f(struct kvm_vcpu *vcpu, void __user *p)',
      '{',
      '\tstruct vcpu_vmx *vmx = container_of(vcpu, struct vcpu_vmx, vcpu);',
      '\tint x = offsetof(struct a, b[1].c);',
      '\tkvm_for_each_vcpu(i, vcpu, kvm) {',
      '\t\tswitch (x) { case 0 ... 3: break; }',
      '\t}',
      '\tasm volatile("mov %0, %%rax" : "=r"(x) : : "memory");',
      '\treturn 0;',
      '}',
    ].join('\n');
    const root = parseC(c, readableC(text), 0);
    expect(root && [...descendants(root)].map((node) => node.type)).not.toContain('ERROR');
  });
});
