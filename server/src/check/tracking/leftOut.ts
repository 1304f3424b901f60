import { nameSpan } from '../../model/callGraph.js';
import type { PlaceKind } from '../../backends/place.js';
import { GPR_NAMES } from '../../facts/registers/registerFile.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Finding, Rule } from '../finding.js';
import { type TrackedFunction, trackedCode } from './trackedCode.js';

const id = 'tracking/left-out';

/** A function that copies the general-purpose registers one by one and leaves one out. */
export const LEFT_OUT: Rule = {
  id,
  family: 'tracking',
  severity: 'info',
  title: 'A function that copies the general-purpose registers one by one leaves one out.',
  why: 'Code such as `regs->rax = kvm_rax_read(vcpu)`, once for each register, is for all of them: what is left out keeps another value.',
  exemptions: [
    'Functions that copy fewer than 13 of RAX-R15: protocols such as the GHCB, and state of 16- and 32-bit modes, pass only some.',
    'R16-R31: no interface that names its registers has them yet.',
  ],
  find: (model) => trackedCode(model).functions.flatMap((fn) => leftOut(model, fn)),
};

/** How many of the first 16 a function has to copy to be taken for one that copies all. */
const MOST_OF_16 = 13;

function leftOut(model: RegisterModel, fn: TrackedFunction): Finding[] {
  if (fn.facts.moves.length < MOST_OF_16) return [];
  const copied = new Map<string, Set<string>>();
  for (const { from, to } of fn.facts.moves) {
    if (!from || !to || from.kind === to.kind) continue;
    const member = from.kind === 'cache' ? from.register : to.kind === 'cache' ? to.register : null;
    const register = member === null ? undefined : model.symbols.registers.byName.get(member);
    if (register?.class !== 'gpr') continue;
    const way = `${titleOf(from.kind)} to ${titleOf(to.kind)}`;
    copied.set(way, (copied.get(way) ?? new Set()).add(register.register));
  }
  return [...copied].flatMap(([way, names]) => {
    const missing = GPR_NAMES.slice(0, 16).filter((name) => !names.has(name));
    if (missing.length === 0 || 16 - missing.length < MOST_OF_16) return [];
    const { name } = fn.facts;
    const all = `the other general-purpose registers from ${way}`;
    return [
      {
        rule: id,
        file: fn.file,
        span: nameSpan(fn.node),
        message: `${name} copies ${all}, but not ${missing.join(', ')}`,
        related: [],
      },
    ];
  });
}

function titleOf(kind: PlaceKind): string {
  return kind === 'cache' ? 'the cache' : kind === 'userspace' ? "userspace's struct" : `the ${kind.toUpperCase()}`;
}
