import { describe, expect, it } from 'vitest';
import { expand, type MacroLookup } from '../../server/src/syntax/preprocessor/macroExpansion.js';
import { readDirectives } from '../../server/src/syntax/preprocessor/directives.js';
import { tokenize } from '../../server/src/syntax/text/tokens.js';

function lookup(defines: string): MacroLookup {
  const macros = new Map(readDirectives(defines).macros.map((macro) => [macro.name, macro]));
  return (name) => macros.get(name);
}

/** What a text expands to, one space between any two tokens. */
function expanded(defines: string, text: string): string {
  return expand(tokenize(text), lookup(defines))
    .map((token) => token.text)
    .join(' ');
}

describe('object-like macros', () => {
  it('are replaced, and what they give is read again', () => {
    expect(expanded('#define A B + B\n#define B 1', 'A - C')).toBe('1 + 1 - C');
  });

  it('may give the name of a function-like one whose arguments follow', () => {
    expect(expanded('#define F G\n#define G(x) [x]', 'F(1) F')).toBe('[ 1 ] G');
  });

  it('may be empty', () => {
    expect(expanded('#define NOTHING', 'a NOTHING b')).toBe('a b');
  });
});

describe('function-like macros', () => {
  it('take arguments with commas in brackets as one', () => {
    expect(expanded('#define SECOND(x, y) <y>', 'SECOND((a, b), f(c, d))')).toBe('< f ( c , d ) >');
  });

  it('stay without arguments', () => {
    expect(expanded('#define F(x) x', 'F + F;')).toBe('F + F ;');
  });

  it('stay when the arguments do not end', () => {
    expect(expanded('#define F(x) x', 'F(1')).toBe('F ( 1');
  });

  it('take empty arguments', () => {
    expect(expanded('#define F(x, y) x-y;\n#define E() e', 'F(,) F(1,) F(,2) E()')).toBe('- ; 1 - ; - 2 ; e');
  });

  it('expand an argument before it is put in place (C11 6.10.3.1)', () => {
    expect(expanded('#define TWICE(x) x x\n#define A 7', 'TWICE(A) TWICE(TWICE(b))')).toBe('7 7 b b b b');
  });
});

describe('self reference (C11 6.10.3.4)', () => {
  it('is not expanded again', () => {
    expect(expanded('#define A A + 1', 'A')).toBe('A + 1');
    expect(expanded('#define F(x) F(x + 1)', 'F(2)')).toBe('F ( 2 + 1 )');
  });

  it('is not either by way of another', () => {
    expect(expanded('#define A B a\n#define B A b', 'A; B')).toBe('A b a ; B a b');
  });

  it('does not keep the same macro from an argument of its own', () => {
    expect(expanded('#define INC(x) x + 1', 'INC(INC(a))')).toBe('a + 1 + 1');
  });
});

describe('# and ##', () => {
  it('# makes a string of the argument as written', () => {
    expect(expanded('#define S(x) #x\n#define A 1', String.raw`S(A + "b\n")`)).toBe(String.raw`"A + \"b\\n\""`);
    expect(expanded('#define S(x) #x', 'S(  a   b )')).toBe('"a b"');
  });

  it('a detour expands the argument first', () => {
    expect(expanded('#define S(x) #x\n#define SX(x) S(x)\n#define A 1', 'SX(A)')).toBe('"1"');
  });

  it('## joins with the argument as written, and the result is read again', () => {
    const defines = '#define JOIN(a, b) a##b\n#define AB 1\n#define A 2';
    expect(expanded(defines, 'JOIN(A, B)')).toBe('1');
    expect(expanded(defines, 'JOIN(A, 3)')).toBe('A3');
  });

  it('## joins a chain, in the middle of a name', () => {
    expect(expanded('#define ACCESSOR(reg) kvm_##reg##_read', 'ACCESSOR(rax)(vcpu)')).toBe('kvm_rax_read ( vcpu )');
  });

  it('## joins with nothing where an argument is empty', () => {
    expect(expanded('#define J(a, b) <a##b>', 'J(,) J(x,) J(,y)')).toBe('< > < x > < y >');
  });

  it('## joins only the ends of longer arguments', () => {
    expect(expanded('#define J(a, b) a##b', 'J(1 x, y 2)')).toBe('1 xy 2');
  });

  it('passes pasted names through nested macros', () => {
    const defines = '#define OUT(l, U) IN(r##l, U) e##l;\n#define IN(l, U) l##_read REGS_##U;';
    expect(expanded(defines, 'OUT(ax, RAX)')).toBe('rax_read REGS_RAX ; eax ;');
  });
});

describe('variable arguments', () => {
  it('take the rest, commas included', () => {
    expect(expanded('#define LOG(f, ...) p(f, __VA_ARGS__)', 'LOG(a, b, c)')).toBe('p ( a , b , c )');
    expect(expanded('#define ALL(...) {__VA_ARGS__}', 'ALL() ALL(1, 2)')).toBe('{ } { 1 , 2 }');
  });

  it("have a name of their own in GNU's way", () => {
    expect(expanded('#define LOG(f, rest...) p(f, rest)', 'LOG(a, b, c)')).toBe('p ( a , b , c )');
  });

  it("drop the comma before an empty rest in GNU's way", () => {
    const defines = '#define LOG(f, rest...) p(f, ##rest)\n#define LOG2(f, ...) p(f, ##__VA_ARGS__)';
    expect(expanded(defines, 'LOG(a) LOG(a, b, c) LOG2(a) LOG2(a, b)')).toBe(
      'p ( a ) p ( a , b , c ) p ( a ) p ( a , b )',
    );
  });
});

describe('a comma before ## and variable arguments, as GCC has it', () => {
  it('stays where an empty argument is given', () => {
    expect(expanded('#define LOG(f, ...) p(f, ##__VA_ARGS__)', 'LOG(a,) LOG()')).toBe('p ( a , ) p ( )');
  });

  it('goes where a macro without other parameters is given nothing', () => {
    expect(expanded('#define LOG(...) p(1, ##__VA_ARGS__)', 'LOG() LOG(2)')).toBe('p ( 1 ) p ( 1 , 2 )');
  });
});

describe('origin', () => {
  const defines = '#define OUTER(x) INNER(x) own\n#define INNER(y) y##_read(y)';

  it('tells through which macros a token came, outermost first', () => {
    const through = expand(tokenize('OUTER(rax) x'), lookup(defines)).map(
      (token) => `${token.text} ${token.through.join('>')}`,
    );
    expect(through).toContain('rax_read OUTER>INNER');
    expect(through).toContain('own OUTER');
    expect(through).toContain('x ');
  });

  it('tells in whose body a token was written', () => {
    const tokens = expand(tokenize('OUTER(rax) x'), lookup(defines));
    const writtenIn = (text: string) =>
      tokens.filter((token) => token.text === text).map((token) => token.writtenIn?.name ?? null);
    expect(writtenIn('rax_read')).toEqual(['INNER']);
    expect(writtenIn('own')).toEqual(['OUTER']);
    expect(writtenIn('rax')).toEqual([null]);
  });
});

describe('run-away growth', () => {
  it('is bounded for bodies that double forty times', () => {
    const defines = Array.from({ length: 40 }, (_, i) => `#define M${i} M${i + 1} M${i + 1}`).join('\n');
    expect(expand(tokenize('M0'), lookup(defines)).length).toBeLessThan(1_000_000);
  });

  it('is bounded for arguments that double forty times', () => {
    const text = `${'D('.repeat(40)}x${')'.repeat(40)}`;
    expect(expand(tokenize(text), lookup('#define D(x) x x')).length).toBeLessThan(1_000_000);
  });

  it('is bounded for long chains', () => {
    const defines = Array.from({ length: 2000 }, (_, i) => `#define M${i}(x) M${i + 1}(x)`).join('\n');
    expect(expanded(defines, 'M0(a)')).toMatch(/^M\d+ \( a \)$/);
  });
});
