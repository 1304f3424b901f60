import { describe, expect, it } from 'vitest';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import type { FileFacts } from '../../server/src/facts/fileFacts.js';
import { factsOf } from './fixture.js';

const TDX = {
  'arch/x86/kvm/vmx/tdx.h': `
struct tdx_module_args { u64 rcx; u64 rdx; u64 rax; };
struct vcpu_tdx { struct kvm_vcpu vcpu; struct tdx_module_args vp_enter_args; };
static inline struct vcpu_tdx *to_tdx(struct kvm_vcpu *vcpu) { return container_of(vcpu, struct vcpu_tdx, vcpu); }
`,
};

/** A function of a TD's vCPU around `body`; `before` and `after` stand around it. */
function code(body: string, { before = '', after = '' } = {}): string {
  return `${before}\nstatic void code(struct kvm_vcpu *vcpu)\n{\n\tstruct vcpu_tdx *tdx = to_tdx(vcpu);\n${body}\n}\n${after}\n`;
}

/** The moves of the function `name`, each with what is written where it is said to be, up to the line's end. */
function moves({ source, functions }: FileFacts, name = 'code'): string[] {
  return functions
    .filter(({ facts }) => facts.name === name)
    .flatMap(({ start, facts }) =>
      facts.moves
        .filter(({ from, to }) => from && to)
        .map(({ from, to, offset, guards }) => {
          const written = source.text.slice(start + offset).replace(/\n[^]*/, '');
          const conditions = guards.map((guard) => ` if ${guardText(guard)}`).join('');
          return `${from?.name ?? ''} -> ${to?.name ?? ''}${conditions} @ ${written}`;
        }),
    );
}

/** The references in functions, each with what is written where it is said to be. */
function references({ source, references: all }: FileFacts): string[] {
  return all
    .filter((reference) => reference.function !== null)
    .map(({ kind, register, start, end }) => `${kind} ${register ?? '?'} @ ${source.text.slice(start, end)}`);
}

const OUT = '#define OUT(reg, REG) tdx->vp_enter_args.reg = vcpu->arch.regs[VCPU_REGS_ ## REG]';
const IN = '#define IN(reg, REG) vcpu->arch.regs[VCPU_REGS_ ## REG] = tdx->vp_enter_args.reg';
const RCX_OUT = 'arch.regs[VCPU_REGS_RCX] -> rcx';
const RCX_IN = 'rcx -> arch.regs[VCPU_REGS_RCX]';

describe('macros that a function defines', () => {
  it('give moves at their uses and references at the part that is written there', async () => {
    const facts = await factsOf(
      code(`${OUT}\n\tOUT(rcx, RCX);\n\tOUT(rdx, RDX);\n#undef OUT\n${IN}\n\tIN(rcx, RCX);\n#undef IN`),
      TDX,
    );
    expect(moves(facts)).toEqual([
      `${RCX_OUT} @ OUT(rcx, RCX);`,
      'arch.regs[VCPU_REGS_RDX] -> rdx @ OUT(rdx, RDX);',
      `${RCX_IN} @ IN(rcx, RCX);`,
    ]);
    expect(references(facts)).toEqual([
      'read VCPU_REGS_RCX @ RCX',
      'read VCPU_REGS_RDX @ RDX',
      'write VCPU_REGS_RCX @ RCX',
    ]);
  });

  it.each([
    [
      'a parameter that is called as the macro',
      '#define REG(reg, REG) vcpu->arch.regs[VCPU_REGS_ ## REG] = tdx->vp_enter_args.reg\n\tREG(rcx, RCX);',
      [`${RCX_IN} @ REG(rcx, RCX);`],
    ],
    [
      'over several lines',
      '#define IN(reg, REG)\t\\\n\tdo {\t\\\n\t\tvcpu->arch.regs[VCPU_REGS_##REG] =\t\\\n\t\t\ttdx->vp_enter_args.reg;\t\\\n\t} while (0)\n\tIN(rcx, RCX);',
      [`${RCX_IN} @ IN(rcx, RCX);`],
    ],
    [
      'a statement expression',
      '#define IN(reg, REG) ({ u64 v = tdx->vp_enter_args.reg; vcpu->arch.regs[VCPU_REGS_##REG] = v; })\n\tIN(rcx, RCX);',
      [`${RCX_IN} @ IN(rcx, RCX);`],
    ],
    [
      'two statements',
      '#define IN(reg, REG) vcpu->arch.regs[VCPU_REGS_##REG] = tdx->vp_enter_args.reg; tdx->vp_enter_args.reg = 0\n\tIN(rcx, RCX);',
      [`${RCX_IN} @ IN(rcx, RCX);`],
    ],
    [
      'a macro in a macro',
      '#define ONE(r, f) vcpu->arch.regs[r] = tdx->vp_enter_args.f\n#define IN(reg, REG) ONE(VCPU_REGS_##REG, reg)\n\tIN(rcx, RCX);',
      [`${RCX_IN} @ IN(rcx, RCX);`],
    ],
    [
      'all in one use',
      `${IN}\n#define ALL() IN(rcx, RCX); IN(rdx, RDX)\n\tALL();`,
      [`${RCX_IN} @ ALL();`, 'rdx -> arch.regs[VCPU_REGS_RDX] @ ALL();'],
    ],
    [
      'a list that is given a macro',
      `${IN};\n#define LIST(m) m(rcx, RCX) m(rdx, RDX)\n\tLIST(IN)`,
      [`${RCX_IN} @ LIST(IN)`, 'rdx -> arch.regs[VCPU_REGS_RDX] @ LIST(IN)'],
    ],
    [
      'the whole name',
      '#define IN(reg, number) vcpu->arch.regs[number] = tdx->vp_enter_args.reg\n\tIN(rcx, VCPU_REGS_RCX);',
      [`${RCX_IN} @ IN(rcx, VCPU_REGS_RCX);`],
    ],
    [
      'without parameters',
      '#define IN vcpu->arch.regs[VCPU_REGS_RCX] = tdx->vp_enter_args.rcx\n\tIN;',
      [`${RCX_IN} @ IN;`],
    ],
    [
      'an accessor',
      '#define IN(reg) kvm_##reg##_write(vcpu, tdx->vp_enter_args.reg)\n\tIN(rcx);',
      [`${RCX_IN} @ IN(rcx);`],
    ],
    ['under a condition', `${IN}\n\tif (tdx->ready)\n\t\tIN(rcx, RCX);`, [`${RCX_IN} if tdx->ready @ IN(rcx, RCX);`]],
    [
      'behind an #if',
      `#ifdef CONFIG_X\n\ttdx->ready = 1;\n#endif\n${IN}\n#ifdef CONFIG_Y\n\tIN(rcx, RCX);\n#endif`,
      [`${RCX_IN} if CONFIG_Y @ IN(rcx, RCX);`],
    ],
    [
      'defined anew',
      `${OUT.replace('OUT', 'REG')}\n\tREG(rcx, RCX);\n#undef REG\n${IN.replace('IN', 'REG')}\n\tREG(rcx, RCX);\n#undef REG`,
      [`${RCX_OUT} @ REG(rcx, RCX);`, `${RCX_IN} @ REG(rcx, RCX);`],
    ],
    [
      'an initialiser',
      '#define REG(reg, REG) .reg = vcpu->arch.regs[VCPU_REGS_ ## REG]\n\ttdx->vp_enter_args = (struct tdx_module_args) {\n\t\t.rax = 0,\n\t\tREG(rcx, RCX),\n\t\tREG(rdx, RDX),\n\t};',
      [`${RCX_OUT} @ REG(rcx, RCX),`, 'arch.regs[VCPU_REGS_RDX] -> rdx @ REG(rdx, RDX),'],
    ],
    [
      'an initialiser of a variable',
      '#define REG(reg, REG) .reg = vcpu->arch.regs[VCPU_REGS_ ## REG]\n\tstruct tdx_module_args args = {\n\t\tREG(rcx, RCX),\n#undef REG\n\t};',
      [`${RCX_OUT} @ REG(rcx, RCX),`],
    ],
  ])('%s', async (_, body, expected) => {
    expect(moves(await factsOf(code(body), TDX))).toEqual(expected);
  });

  it.each([
    ['before its definition', `\tIN(rcx, RCX);\n${IN}\n#undef IN`],
    ['behind its #undef', `${IN}\n#undef IN\n\tIN(rcx, RCX);`],
    ['without its arguments', `${IN}\n\tcall(IN);`],
    ['with arguments that depend on an #if', `${IN}\n\tIN(rcx,\n#ifdef CONFIG_X\n\tRCX\n#else\n\tRDX\n#endif\n\t);`],
    ['that says nothing of registers', '#define IN(reg, REG) call(#reg, REG)\n\tIN(rcx, RCX);'],
  ])('not one %s', async (_, body) => {
    expect(moves(await factsOf(code(body), TDX))).toEqual([]);
  });

  it('leave the lines behind them where they are', async () => {
    const facts = await factsOf(
      code(`${IN}\n\tIN(rcx, RCX); vcpu->arch.regs[VCPU_REGS_RDX] = tdx->vp_enter_args.rdx;`),
      TDX,
    );
    expect(moves(facts).at(-1)).toBe(
      'rdx -> arch.regs[VCPU_REGS_RDX] @ vcpu->arch.regs[VCPU_REGS_RDX] = tdx->vp_enter_args.rdx;',
    );
    expect(references(facts)).toEqual(['write VCPU_REGS_RCX @ RCX', 'write VCPU_REGS_RDX @ VCPU_REGS_RDX']);
  });

  it('are no macros of the next function, where they are undefined', async () => {
    const next = 'static void next(struct kvm_vcpu *vcpu)\n{\n\tIN(rcx, RCX);\n}';
    expect(moves(await factsOf(code(`${IN}\n#undef IN`, { after: next }), TDX), 'next')).toEqual([]);
  });
});

describe('macros of a file that paste a register', () => {
  it.each([
    ['stand before the function', { before: IN }, [`${RCX_IN} @ IN(rcx, RCX);`]],
    [
      'are defined anew between functions',
      { before: `${OUT.replace('OUT', 'IN')}\n#undef IN\n${IN}`, after: '#undef IN' },
      [`${RCX_IN} @ IN(rcx, RCX);`],
    ],
    [
      'have two definitions under #if',
      { before: `#ifdef CONFIG_X\n${IN}\n#else\n${IN}\n#endif` },
      [`${RCX_IN} @ IN(rcx, RCX);`],
    ],
  ])('%s', async (_, around, expected) => {
    expect(moves(await factsOf(code('\tIN(rcx, RCX);', around), TDX))).toEqual(expected);
  });

  it("are not another C file's", async () => {
    expect(moves(await factsOf(code('\tIN(rcx, RCX);'), { ...TDX, 'arch/x86/kvm/other.c': `${IN}\n` }))).toEqual([]);
  });
});
