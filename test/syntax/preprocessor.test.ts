import { describe, expect, it } from 'vitest';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import {
  configGuardsAt,
  readDirectives,
  type Directives,
  type MacroDefinition,
} from '../../server/src/syntax/preprocessor/directives.js';

function macro(text: string): MacroDefinition | undefined {
  return readDirectives(text).macros[0];
}

function problems(text: string): string[] {
  return readDirectives(text).problems.map(({ offset, message }) => `${offset} ${message}`);
}

function conditionsAt(directives: Directives, offset: number): string[] {
  return configGuardsAt(directives, offset).map(guardText);
}

/** The conditions over each letter `x` of a text. */
function conditions(text: string): string[][] {
  const directives = readDirectives(text);
  return [...text.matchAll(/\bx\b/g)].map((found) => conditionsAt(directives, found.index));
}

describe('#define', () => {
  it.each([
    ['#define A', null, null, ''],
    ['#define A (1 << 2)', null, null, '( 1 << 2 )'],
    ['#define A (x) y', null, null, '( x ) y'],
    ['#define A(x) x', ['x'], null, 'x'],
    ['#define A() x', [], null, 'x'],
    ['#define A(x, y) x##y', ['x', 'y'], null, 'x ## y'],
    ['#define A(...) f(__VA_ARGS__)', [], '__VA_ARGS__', 'f ( __VA_ARGS__ )'],
    ['#define A(x, rest...) f(rest)', ['x'], 'rest', 'f ( rest )'],
    ['#define A(x, ...) x', ['x'], '__VA_ARGS__', 'x'],
    ['  #  define A 1', null, null, '1'],
    ['#define A 1 /* one */ + // two', null, null, '1 +'],
    ['#define A(x', ['x'], null, ''],
  ])('%s', (text, parameters, variadic, body) => {
    const found = macro(text);
    expect(found).toMatchObject({ name: 'A', parameters, variadic });
    expect(found?.body.map((token) => token.text).join(' ')).toBe(body);
  });

  it('goes on in continued lines, with either line end, and in a comment over lines', () => {
    expect(macro('#define A \\\n 1 + \\\r\n 2 /* \n */ + 3\nint x;')?.body.map((token) => token.text)).toEqual([
      ...['1', '+', '2', '+', '3'],
    ]);
  });

  it('goes on where blanks stand behind the backslash, as GCC has it', () => {
    const text = '#define A(x) \\ \n f(x) // one \\\t\n two\nint b;';
    const found = macro(text);
    expect(found?.body.map((token) => token.text)).toEqual(['f', '(', 'x', ')']);
    expect(text.slice(found?.end)).toBe('\nint b;');
    expect(text.slice(found?.body[0]?.start).startsWith('f(x)')).toBe(true);
  });

  it('tells where it is, its name and its body', () => {
    const text = 'int a;\n#define NAME(x) f(x)\nint b;';
    const found = macro(text);
    expect(text.slice(found?.start, found?.end)).toBe('#define NAME(x) f(x)');
    expect(text.slice(found?.nameStart).startsWith('NAME')).toBe(true);
    expect(text.slice(found?.body[0]?.start).startsWith('f(x)')).toBe(true);
  });

  it('is a problem without a name', () => {
    expect(problems('a\n#define\n#define 1\n')).toEqual(['2 #define without a name', '10 #define without a name']);
  });
});

describe('directive lines', () => {
  it('are none in comments, literals or behind code', () => {
    const text = '/*\n#define A 1\n*/\n"\\\n#define B 2\\\n"\nc # define C 3\n// \\\n#define D 4\n';
    expect(readDirectives(text).lines).toEqual([]);
  });

  it('hold the names of includes', () => {
    const text = '#include <linux/types.h>\n# include "x86.h" /* own */\n#include MACRO\n';
    expect(readDirectives(text).includes).toEqual(['linux/types.h', 'x86.h']);
  });
});

describe('#if', () => {
  it('goes on where blanks stand behind the backslash', () => {
    expect(conditions('#if A && \\ \n B\nx\n#endif')).toEqual([['A && B']]);
  });

  it('names the condition of each branch, as written', () => {
    expect(conditions('x\n#ifdef A\nx\n#else\nx\n#endif\nx\n#ifndef B\nx\n#else\nx\n#endif')).toEqual([
      ...[[], ['A'], ['!A'], [], ['!B'], ['B']],
    ]);
  });

  it('collapses white space and leaves comments out', () => {
    expect(conditions('#if  defined(A) && \\\n\t B > 1 /* why */\nx\n#else\nx\n#endif')).toEqual([
      ['defined(A) && B > 1'],
      ['!(defined(A) && B > 1)'],
    ]);
  });

  it('negates those before an #elif', () => {
    expect(conditions('#if A\nx\n#elif B > 1\nx\n#elif C\nx\n#else\nx\n#endif')).toEqual([
      ...[['A'], ['!A', 'B > 1'], ['!A', '!(B > 1)', 'C'], ['!A', '!(B > 1)', '!C']],
    ]);
  });

  it('nests, outermost first', () => {
    expect(conditions('#ifdef A\n#ifdef B\nx\n#else\nx\n#endif\nx\n#endif\nx')).toEqual([
      ...[['A', 'B'], ['A', '!B'], ['A'], []],
    ]);
  });

  it('has no condition for an include guard, wherever comments stand', () => {
    expect(conditions('/* x */\n#ifndef _H\n#define _H\nx\n#ifdef A\nx\n#endif\n#endif /* _H */')).toEqual([
      ...[[], [], ['A']],
    ]);
  });

  it('has one for what only looks like a guard', () => {
    expect(conditions('#ifndef A\n#define B\nx\n#endif')).toEqual([['!A']]);
    expect(conditions('#include "a.h"\n#ifndef A\n#define A\nx\n#endif')).toEqual([['!A']]);
  });

  it("has none for a trace header's guard", () => {
    const guard = '#if !defined(_TRACE_KVM_H) || defined(TRACE_HEADER_MULTI_READ)\n#define _TRACE_KVM_H\nx\n#endif';
    expect(conditions(guard)).toEqual([[]]);
  });

  it.each(['#ifdef __ASSEMBLER__', '#ifndef __ASSEMBLY__', '#ifdef __KERNEL__'])(
    'has none for the language: %s',
    (line) => {
      expect(conditions(`${line}\nx\n#else\nx\n#endif`)).toEqual([[], []]);
    },
  );

  it('has none for the language in the #else of a negated test', () => {
    expect(conditions('#if !defined(__ASSEMBLY__)\nx\n#else\nx\n#endif')).toEqual([[], []]);
  });

  it('puts a directive line under the conditions around it', () => {
    const text = '#ifdef A\n#define M 1\n#ifdef B\n#define N 2\n#endif\n#endif';
    const directives = readDirectives(text);
    expect(directives.macros.map((found) => conditionsAt(directives, found.start))).toEqual([['A'], ['A', 'B']]);
  });

  it('tells what is unbalanced and still gives the conditions it can', () => {
    expect(problems('#endif\n#else\n#elif A\n#if B')).toEqual([
      '0 #endif without #if',
      '7 #else without #if',
      '13 #elif without #if',
      '21 #if without #endif',
    ]);
    expect(conditions('#endif\nx\n#ifdef A\nx\n')).toEqual([[], ['A']]);
  });
});
