import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import { outline } from '../../server/src/syntax/c/outline.js';

/** Kind and name of each item: `function f`. */
function items(text: string): string[] {
  return outlineSource('a.c', text).items.map((item) => `${item.kind} ${item.name}`);
}

describe('outline', () => {
  it.each([
    ['static int f(struct a *b)\n{\n\treturn 0;\n}', 'function f'],
    ['static __always_inline void f(void) { }', 'function f'],
    ['struct a *f(int (*g)(int), int h)\n{\n}', 'function f'],
    ['__printf(1, 2) int f(char *s, ...)\n{\n}', 'function f'],
    ['int f(void) __must_hold(lock)\n{\n}', 'function f'],
    ['BUILD_KVM_GPR_ACCESSORS(rax, RAX)', 'macro-use BUILD_KVM_GPR_ACCESSORS'],
    ['EXPORT_SYMBOL_GPL(f);', 'macro-use EXPORT_SYMBOL_GPL'],
    ['enum kvm_reg {\n\tA,\n\tB = A,\n};', 'enum kvm_reg'],
    ['enum { A };', 'enum '],
    ['struct a {\n\tint b;\n\tstruct { int c; } d;\n};', 'struct a'],
    ['union a { int b; };', 'struct a'],
    ['struct __attribute__ ((__packed__)) vmcb_control_area {\n\tu32 b;\n};', 'struct vmcb_control_area'],
    ['struct __packed a {\n\tint b;\n};', 'struct a'],
    ['union __aligned(64) a {\n\tint b;\n} __packed;', 'struct a'],
    ['enum __packed {\n\tA,\n};', 'enum '],
    ['__printf(1, 2) int __f(char *s, ...)\n{\n}', 'function __f'],
    ['static const int a[] __attribute__((unused)) = { 1 };', 'object a'],
    ['static struct kvm_x86_ops vmx_x86_ops = {\n\t.a = b,\n};', 'object vmx_x86_ops'],
    ['static int (*const handlers[])(struct kvm_vcpu *vcpu) = {\n\t[1] = f,\n};', 'object handlers'],
    ['static const u8 table[SIZE] = { 1 };', 'object table'],
    ['int a = 1;', 'object a'],
    ['extern int a;', 'declaration a'],
  ])('%s', (text, item) => {
    expect(items(text)).toEqual([item]);
  });

  it('tells several apart', () => {
    const text =
      'int a = 1;\nA(x)\nA(y)\nstatic int f(void)\n{\n}\nB(z);\nint g(void) { return 1; }\nstruct s { int i; };\n';
    expect(items(text)).toEqual([
      'object a',
      'macro-use A',
      'macro-use A',
      'function f',
      'macro-use B',
      'function g',
      'struct s',
    ]);
  });

  it('spans the whole of an item and tells its body', () => {
    const text = ' int a;\nstatic int f(int x)\n{\n\treturn g(x);\n}\nint b;';
    const fn = outline(text).find((item) => item.kind === 'function');
    expect(text.slice(fn?.start, fn?.end)).toBe('static int f(int x)\n{\n\treturn g(x);\n}');
    expect(text.slice(fn?.nameStart).startsWith('f(')).toBe(true);
    expect(text.charAt(fn?.bodyStart ?? 0)).toBe('{');
  });

  it('lists words where they stand first, and calls, those by way of a macro included', () => {
    const text = 'void f(void)\n{\n\tg(a, g(a));\n\tkvm_x86_call(cache_reg)(vcpu, reg);\n\top->run(x);\n}';
    const [fn] = outline(text);
    expect(fn?.words.get('a')).toBe(text.indexOf('a,'));
    expect(fn?.calls.map((call) => call.name)).toEqual(['f', 'g', 'g', 'kvm_x86_call', 'cache_reg', 'run']);
  });

  it('has calls end behind their last brackets', () => {
    const text = 'int outer(void)\n{\n\tsave(a, kvm_x86_call(run)((u64)(b)), c);\n\tlost(d;\n}\n';
    const [fn] = outline(text);
    const ends = fn?.calls.map(({ offset, end }) => text.slice(fn.start + offset, fn.start + end));
    expect(ends).toEqual([
      'outer(void)',
      'save(a, kvm_x86_call(run)((u64)(b)), c)',
      'kvm_x86_call(run)',
      'run)((u64)(b))',
      'lost',
    ]);
  });
});

describe('broken text costs the item that it is in', () => {
  it('a half-written function, then a sound one', () => {
    expect(items('int f(void)\n{\n\tif (a) {\n\t\tg(\n}\n\nint h(void)\n{\n\treturn 1;\n}')).toEqual([
      'function f',
      'function h',
    ]);
  });

  it('a brace too many', () => {
    expect(items('int f(void)\n{\n\t}}\n}\nint h(void)\n{\n}')).toContain('function h');
  });

  it('parentheses that never close', () => {
    expect(items('int f(void)\n{\n\tg((((;\n}\nint h(void)\n{\n}')).toEqual(['function f', 'function h']);
  });

  it('a literal that never closes', () => {
    expect(items('int f(void)\n{\n\tg("a);\n}\nint h(void)\n{\n}')).toEqual(['function f', 'function h']);
  });

  it("branches of an #if that both write the function's head", () => {
    const text = '#ifdef A\nint f(int a)\n{\n#else\nint f(void)\n{\n#endif\n\treturn g();\n}\nint h(void)\n{\n}';
    expect(items(text)).toEqual(['function f', 'function h']);
  });

  it('branches of an #if that both open a block', () => {
    const text =
      'int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n\treturn 1;\n}\nint h(void)\n{\n}';
    expect(items(text)).toEqual(['function f', 'function h']);
  });

  it('never throws, and items lie in the text one behind another', () => {
    const piece = fc.constantFrom(
      ...'( ) { } [ ] ; , = \n # " \' / * a int f( enum struct } \n} #if #endif'.split(' '),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        let end = 0;
        for (const item of outlineSource('a.c', text).items) {
          expect(item.start).toBeGreaterThanOrEqual(end);
          expect(item.end).toBeGreaterThan(item.start);
          expect(item.end).toBeLessThanOrEqual(text.length);
          end = item.end;
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
