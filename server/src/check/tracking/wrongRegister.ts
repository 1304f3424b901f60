import type { Place, PlaceKind } from '../../backends/place.js';
import { EMULATOR_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { Move } from '../../facts/registers/moves.js';
import { GPR_NAMES } from '../../facts/registers/registerMember.js';
import { guestValueMoves } from '../../model/query/assembly.js';
import { tellingFunctions, type CFunction } from '../../model/query/functions.js';
import { architecturalName, memberNamed } from '../../model/query/registers.js';
import { accessorsOf } from '../../model/query/cSymbols.js';
import { moveSpan } from '../../model/query/transfers.js';
import type { RegisterModel } from '../../model/registerModel.js';
import { finding, type Finding, type Rule } from '../finding.js';

const ID = 'tracking/wrong-register';

/** A move between two places that are called after different registers. */
export const wrongRegister: Rule = {
  id: ID,
  family: 'tracking',
  severity: 'warning',
  title: 'A register is moved from or to the place of another one.',
  why: 'Both sides name a register, and not the same one: `regs[VCPU_REGS_RBX] = save->rcx`. In the VMCS, the VMCB, the VMSA, the GHCB, struct kvm_regs and the world switch each register has a place of its own name.',
  exemptions: [
    'TDVMCALL arguments and SMRAM: their names are not those of the registers by design.',
    'Copies inside the register cache, inside the emulator, or between the two in emulation: an instruction may well copy one register to another.',
    'A value that is made of several, of which one is the right one.',
  ],
  find: (model) => [
    ...tellingFunctions(model).flatMap((fn) => copiedWrong(model, fn)),
    ...switchedWrong(model),
    ...namedWrong(model),
  ],
};

/** Places whose fields are called after the registers. */
const NAMED_AFTER_REGISTERS: ReadonlySet<PlaceKind> = new Set<PlaceKind>([
  ...(['cache', 'emulator', 'vmcs', 'vmcb', 'ghcb', 'vmsa', 'nested', 'userspace', 'memory'] as const),
]);

/** Registers of the architecture that such fields may name, beside those that the tree's enum has (SDM vol. 1, 3.4; vol. 3, 2.5). */
const OTHER_REGISTERS: readonly string[] = ['RIP', 'RFLAGS', 'CR0', 'CR2', 'CR3', 'CR4', 'CR8', 'DR6', 'DR7'];

/** Those whose names in the enum are the architecture's, so that another name beside them is another register. */
const ARCHITECTURAL: readonly string[] = [...GPR_NAMES, ...OTHER_REGISTERS, 'PDPTR'];

function copiedWrong(model: RegisterModel, fn: CFunction): Finding[] {
  const { moves } = fn.c;
  return moves.flatMap((move) => {
    const pair = namesOf(model, move);
    if (!pair || pair.from === pair.to || isInstruction(fn, move)) return [];
    const isRightToo = (other: Move) =>
      other.offset === move.offset && other.to?.name === move.to?.name && namesOf(model, other)?.from === pair.to;
    if (moves.some(isRightToo)) return [];
    const member = move.to?.register ?? move.from?.register ?? '';
    const message = `${pair.to} (${move.to?.name ?? ''}) is given the value of ${pair.from} (${move.from?.name ?? ''})`;
    return [finding(ID, moveSpan(model, member, fn, move), message)];
  });
}

/** Whether a move between KVM's two copies is part of what an emulated instruction does. */
function isInstruction({ c }: CFunction, { from, to }: Move): boolean {
  const kinds = new Set([from?.kind, to?.kind]);
  return c.words.has(EMULATOR_STRUCT) && kinds.has('cache') && kinds.has('emulator');
}

/** The registers that both sides of a move name; null where one does not. */
function namesOf(model: RegisterModel, { from, to }: Move): { readonly from: string; readonly to: string } | null {
  if (!from || !to) return null;
  const isInside = from.kind === to.kind && (from.kind === 'cache' || from.kind === 'emulator');
  const [source, target] = [registerNamed(model, from), registerNamed(model, to)];
  return isInside || source === null || target === null ? null : { from: source, to: target };
}

function registerNamed(model: RegisterModel, place: Place): string | null {
  if (!NAMED_AFTER_REGISTERS.has(place.kind)) return null;
  if (place.register !== null) {
    const own = memberNamed(model, place.register)?.register ?? '';
    return ARCHITECTURAL.includes(own) ? own : null;
  }
  const field = place.name.slice(place.name.lastIndexOf('.') + 1).replace(/\[.*/, '');
  return canonicalName(model, field.replace(/^(?:guest|host)_/i, ''));
}

/** The register of a name in any size, `eax` and `GUEST_PDPTR0` included; null for what is no register. */
function canonicalName(model: RegisterModel, name: string): string | null {
  const upper = name.toUpperCase().replace(/^(PDPTR)(?:S|\d)$/, '$1');
  const whole = upper.replace(/^E?([ABCD]X|[SB]P|[SD]I|IP|FLAGS)$/, 'R$1');
  const isKnown =
    GPR_NAMES.includes(whole) ||
    OTHER_REGISTERS.includes(whole) ||
    model.registers.some((r) => r.register === whole && r.member !== null);
  return isKnown ? whole : null;
}

/** Moves of the world switch between a register and another one's slot. */
function switchedWrong(model: RegisterModel): Finding[] {
  return guestValueMoves(model).flatMap(({ file, member, transfer, name }) => {
    const isRight = transfer.gpr === member.register || transfer.moves.some((gpr) => gpr === member.register);
    if (transfer.gpr === null || isRight) return [];
    const message =
      transfer.direction === 'store'
        ? `${transfer.gpr} is stored to the slot of ${member.register}`
        : `${transfer.gpr} is loaded from the slot of ${member.register}`;
    return [finding(ID, { file, ...name }, message)];
  });
}

/** Accessors whose name is another register's. */
function namedWrong(model: RegisterModel): Finding[] {
  const found = new Map<string, Finding>();
  for (const { name, member, file, offset, instantiation } of accessorsOf(model)) {
    const own = architecturalName(model, member);
    const named = name.split('_').flatMap((word) => canonicalName(model, word) ?? []);
    if (named.length === 0 || named.includes(own)) continue;
    const end = instantiation ? instantiation.end : offset + name.length;
    const message = `${name} is ${own}'s accessor, but is named after ${named.join(', ')}`;
    found.set(`${file} ${String(offset)}`, finding(ID, { file, start: offset, end }, message));
  }
  return [...found.values()];
}
