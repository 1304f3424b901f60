import { describe, expect, it } from 'vitest';
import { fileTypes } from '../../server/src/facts/source/typeTables.js';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import { readComponentFacts } from '../../server/src/facts/xsave/componentFacts.js';
import { growth } from '../growth.js';
import { factsOf } from './fixture.js';

/** Between linear, 8, and quadratic, 64. */
const LINEAR = 24;

describe('what a function returns', () => {
  const returned = (text: string) => fileTypes(outlineSource('a.c', text)).returns;

  it.each([
    ['struct t *name(int x);', 't'],
    ['struct t name(int x);', 't'],
    ['union t * __percpu *name(int x);', 't'],
    ['static struct t /* a comment */ *name(int x)\n{\n}\n', 't'],
    ['struct t *__percpu *name(int x)\n{\n}\n', 't'],
    ['int name(struct t *x);', undefined],
  ])('%j', (text, tag) => {
    expect(returned(text).get('name')).toBe(tag);
  });

  it('is read in time that grows as the text does, however much white space is in it', () => {
    const gap = (length: number) => '\n'.repeat(length);
    const read = (length: number) => returned(`struct t ${gap(length)}o* ${gap(length)}** name(int x);\n`);
    expect(growth(read, 150)).toBeLessThan(LINEAR);
  });
});

describe("components' structs", () => {
  const ENUM = outlineSource('types.h', 'enum xfeature {\n\tXFEATURE_FP,\n\tXFEATURE_SSE,\n\tXFEATURE_YMM,\n};\n');
  const structs = (body: string) => {
    const file = outlineSource('xstate.c', `void check(void)\n{\n${body}\n}\n`);
    return readComponentFacts([ENUM, file], new Map()).components.flatMap(({ name, size }) =>
      size ? [`${name} ${size.struct}`] : [],
    );
  };

  it('stand behind them in one statement', () => {
    expect(structs('\tCHECK(XFEATURE_YMM, struct ymmh);\n\tCHECK(XFEATURE_SSE);\n\tf(struct other);')).toEqual([
      'XFEATURE_YMM ymmh',
    ]);
    expect(structs('\tf(XFEATURE_FP, struct fp, XFEATURE_SSE, struct sse);')).toEqual([
      'XFEATURE_FP fp',
      'XFEATURE_SSE sse',
    ]);
  });

  it('are read in time that grows as the text does, however many stand in one statement', () => {
    const read = (length: number) => structs(`\tstruct x *y;\n\tf(0${',\nXFEATURE_YMM'.repeat(length)});`);
    expect(growth(read, 2_000)).toBeLessThan(LINEAR);
  });
});

describe('a function', () => {
  it('may have names of any length', async () => {
    const name = 'a'.repeat(90_000);
    const { functions } = await factsOf(
      `static void code(struct kvm_vcpu *vcpu)\n{\n\tu32 ${name} = vcpu->arch.regs_avail;\n\tvcpu->arch.regs[VCPU_REGS_RAX] = 1;\n}\n`,
    );
    expect(functions.find(({ facts }) => facts.name === 'code')?.facts.references.map(({ kind }) => kind)).toEqual([
      'write',
    ]);
  });

  it('may nest ?: as deep as it likes', async () => {
    const { functions } = await factsOf(
      `static void code(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RAX] = ${'a ? b : '.repeat(5_000)}1;\n}\n`,
    );
    const facts = functions.find(({ facts: { name } }) => name === 'code')?.facts;
    expect(facts?.references.map(({ kind }) => kind)).toEqual(['write']);
    expect(facts?.problems.map(({ message }) => message)).toEqual([expect.stringContaining('could not be read as C')]);
  });
});
