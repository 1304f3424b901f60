import { workGrowth } from './countedWork.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkTree } from '../server/src/check/checkTree.js';
import { RULES } from '../server/src/check/rules.js';
import { readTree } from '../server/src/model/readTree.js';
import type { CParser } from '../server/src/syntax/c/cTree.js';
import { tokenize } from '../server/src/syntax/text/tokens.js';
import { parser } from './engine.js';
import { CACHE } from './facts/fixture.js';

const HOST = 'arch/x86/include/asm/kvm_host.h';
const C = 'arch/x86/kvm/vmx/hostile.c';
const ASM = 'arch/x86/kvm/vmx/hostile.S';

/** Between linear, 2, and quadratic, 4. */
const LINEAR = 2.8;

const RAX = 'vcpu->arch.regs[VCPU_REGS_RAX]';

function many(n: number, text: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => text(i)).join('');
}

function fn(body: string, name = 'f'): string {
  return `static int ${name}(struct kvm_vcpu *vcpu)\n{\n${body}}\n`;
}

/** Locals that are given one another's value, each of them many times. */
function chainedLocals(n: number): string {
  const steps = [`e = ${RAX}`, 'd = e', 'c = d', 'b = c', 'a = b'].map((step) => `\t${step};\n`.repeat(n));
  return fn(`\tunsigned long a, b, c, d, e;\n${steps.join('')}\tto_svm(vcpu)->vmcb->save.rax = a;\n`);
}

/** What is done for a file of a length, and the length from which it is measured. */
const INPUTS: readonly (readonly [name: string, path: string, length: number, text: (n: number) => string])[] = [
  ['chained locals', C, 40, chainedLocals],
  [
    '#if in one another',
    C,
    200,
    (n) => fn(`${many(n, (i) => `#ifdef A${i}\n`)}${RAX} = 1;\n${'#else\n;\n#endif\n'.repeat(n)}`),
  ],
  [
    'a chain of calls',
    C,
    100,
    (n) => many(n, (i) => fn(`\tf${i + 1}(vcpu);\n`, `f${i}`)) + fn(`\t${RAX} = 1;\n`, `f${n}`),
  ],
  ['symbols in assembly', ASM, 200, (n) => `${many(n, (i) => `.set s${i + 1}, s${i} + 1\n`)} mov %rax, s${n}(%rdi)\n`],
  ['functions of one name', C, 200, (n) => fn(`\t${RAX} = 1;\n`).repeat(n)],
  [
    'functions that call one another',
    C,
    200,
    (n) => many(n, (i) => fn(`\t${RAX} = 1;\n\tf${(i * 7919 + 1) % n}(vcpu);\n`, `f${i}`)),
  ],
  [
    'members of the register enum',
    HOST,
    400,
    (n) => (CACHE[HOST] ?? '').replace(/enum kvm_reg \{/, `$&\n${many(n, (i) => `VCPU_REGS_X${i},\n`)}`),
  ],
  [
    '#if after one another',
    C,
    50,
    (n) => fn(many(n, (i) => `#ifdef A${i}\n${RAX} = 1;\n#else\n${RAX} = 2;\n#endif\n`)),
  ],
  [
    'macros of macros',
    C,
    200,
    (n) => `${many(n, (i) => `#define X${i} X${i + 1}\n`)}${fn('\tvcpu->arch.regs[X0] = 1;\n')}`,
  ],
  ['words on one line', C, 2000, (n) => fn(`\tx(${many(n, (i) => `w${i}, `)}${RAX});\n`)],
  [
    'labels in assembly',
    ASM,
    50,
    (n) =>
      `SYM_FUNC_START(__vmx_hostile)\n${many(n, (i) => `${i}: mov %rax, 8(%rdi)\n jz ${i}b\n`)} vmlaunch\nSYM_FUNC_END(__vmx_hostile)\n`,
  ],
];

describe('what is done for a hostile file grows as the file does', () => {
  let c: CParser;
  beforeAll(async () => {
    c = await parser();
  });

  it.each(INPUTS)('%s', (_, path, length, text) => {
    const work = (n: number) => {
      const files = Object.entries({ ...CACHE, [path]: text(n) }).map(([name, content]) => ({
        path: name,
        text: content,
      }));
      checkTree(readTree(c, { root: '/tree', kernel: null, files, problems: [] }), RULES);
    };
    expect(workGrowth(work, length)).toBeLessThan(LINEAR);
  });

  it('and is seen where it does not', () => {
    const quadratic = (n: number) => {
      for (let i = 0; i < n; i++) tokenize('a b '.repeat(i));
    };
    expect(workGrowth(quadratic, 50)).toBeGreaterThan(LINEAR);
  });
});
