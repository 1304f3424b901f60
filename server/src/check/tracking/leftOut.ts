import type { PlaceKind } from '../../backends/place.js';
import { GPR_NAMES } from '../../facts/registers/registerMember.js';
import { hardwareKind } from '../../model/query/backends.js';
import { tellingFunctions, definitionSpan, type CFunction } from '../../model/query/functions.js';
import { memberNamed } from '../../model/query/registers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Finding, type Rule } from '../finding.js';

const ID = 'tracking/left-out';

/** A function that copies the general-purpose registers one by one and leaves one out. */
export const leftOut: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A function that copies the general-purpose registers one by one leaves one out.',
  why: 'Code such as `regs->rax = kvm_rax_read(vcpu)`, once for each register, is for all of them: what is left out keeps another value.',
  exemptions: [
    'Functions that copy fewer than 13 of RAX-R15: state of 16- and 32-bit modes has only some.',
    "Protocols of protected guests, such as the GHCB and the TDX module's arguments: they pass only some.",
    'R16-R31: no interface that names its registers has them yet.',
  ],
  find: (model) => tellingFunctions(model).flatMap((fn) => incompleteCopies(model, fn)),
};

/** How many of the first 16 a function has to copy to be taken for one that copies all. */
const MOST_OF_16 = 13;

function incompleteCopies(model: RegisterModel, fn: CFunction): Finding[] {
  if (fn.c.moves.length < MOST_OF_16) return [];
  const copied = new Map<string, Set<string>>();
  for (const { from, to } of fn.c.moves) {
    if (!from || !to || from.kind === to.kind) continue;
    const [member, other] =
      from.kind === 'cache' ? [from.register, to] : [to.kind === 'cache' ? to.register : null, from];
    if (hardwareKind(model, other.kind)?.role === 'protocol') continue;
    const register = memberNamed(model, member);
    if (register?.class !== 'gpr') continue;
    const direction = `${titleOf(from.kind)} to ${titleOf(to.kind)}`;
    copied.set(direction, (copied.get(direction) ?? new Set()).add(register.register));
  }
  return [...copied].flatMap(([direction, names]) => {
    const missing = GPR_NAMES.slice(0, 16).filter((name) => !names.has(name));
    if (missing.length === 0 || 16 - missing.length < MOST_OF_16) return [];
    const all = `the other general-purpose registers from ${direction}`;
    return [finding(ID, definitionSpan(fn), `${fn.name} copies ${all}, but not ${missing.join(', ')}`)];
  });
}

function titleOf(kind: PlaceKind): string {
  return kind === 'cache' ? 'the cache' : kind === 'userspace' ? "userspace's struct" : `the ${kind.toUpperCase()}`;
}
