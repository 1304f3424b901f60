import { expect, it } from 'vitest';
import type { Backend, OwnedRegister, OwnerQuery } from '../../server/src/backends/backend.js';
import { NOTHING_UNKNOWN } from '../../server/src/backends/owner.js';
import { SEV_ES } from '../../server/src/backends/sevEs.js';
import { TDX } from '../../server/src/backends/tdx.js';
import type { Transfer } from '../../server/src/backends/transfer.js';

/** A tree in which nothing moves a register, and whose encrypted save area has some members; null: it does not define one. */
function query(members: readonly string[] | null): OwnerQuery<Transfer> {
  return {
    storage: { kind: 'cache', name: 'arch.regs[X]', register: 'X' },
    hasCommonCopy: true,
    loadsFrom: () => [],
    storesTo: () => [],
    loadsFromMemory: () => [],
    directReads: () => [],
    switched: () => ({ load: [], store: [], unknown: NOTHING_UNKNOWN }),
    unread: () => [],
    opaqueMoves: () => NOTHING_UNKNOWN,
    unreadParts: () => [],
    isSetInHandlers: () => false,
    readsInHandler: () => [],
    handlersOf: () => [],
    membersOf: () => members && new Set(members),
    ownConditions: () => [],
    isForProtectedGuest: () => false,
  };
}

function owner(
  backend: Backend,
  register: string,
  more: { kind?: OwnedRegister['class']; members?: readonly string[] } = {},
) {
  const declared = { file: 'arch/x86/include/asm/kvm_host.h', line: 7 };
  const owned: OwnedRegister = { name: `VCPU_EXREG_${register}`, register, class: more.kind ?? 'special', declared };
  const [{ sync, unknown } = { sync: '', unknown: NOTHING_UNKNOWN }] = backend.ownersOf(
    owned,
    query(more.members ?? null),
  );
  return [sync, ...unknown.load.map(({ line, what, why }) => `${String(line)}: ${what} ${why}`)].join(' ');
}

it.each([
  ['a GPR', owner(SEV_ES, 'R9', { kind: 'gpr' }), owner(TDX, 'R9', { kind: 'gpr' }), 'protected'],
  ['CR4', owner(SEV_ES, 'CR4'), owner(TDX, 'CR4'), 'protected'],
  ['the PDPTRs', owner(SEV_ES, 'PDPTR'), owner(TDX, 'PDPTR'), 'none'],
  [
    'exit information',
    owner(SEV_ES, 'EXIT_INFO_1', { kind: 'exit-info' }),
    owner(TDX, 'EXIT_INFO_1', { kind: 'exit-info' }),
    'none',
  ],
])('%s is told of every protected guest', (_, sevEs, tdx, expected) => {
  expect([sevEs, tdx]).toEqual([expected, expected]);
});

it('a register that no manual and no struct of the tree tells of is not known', () => {
  expect(owner(SEV_ES, 'PKRS')).toBe('unknown 7: PKRS is not known to be a register of a SEV-ES guest');
  expect(owner(SEV_ES, 'PKRS', { members: ['rax', 'cr4'] })).toBe(
    'unknown 7: PKRS is not known to be a register of a SEV-ES guest',
  );
  expect(owner(TDX, 'PKRS')).toBe('unknown 7: PKRS is not known to be a register of a TD');
});

it("a register that the tree's encrypted save area has is protected", () => {
  expect(owner(SEV_ES, 'S_CET', { members: ['rax', 's_cet'] })).toBe('protected');
});
