import type { Condition } from '../syntax/conditions/condition.js';
import { impliedBy, shownGuard, type Guard } from '../syntax/conditions/guard.js';
import type { Owner, Register, Transfer } from '../model/registerModel.js';
import { code, statement, type Evidence, type OwnerLine, type Phrase, type Statement } from './explanation.js';

/** A line for each backend's owner of a register, the given backend's first. */
export function ownerLines(register: Register, firstBackend: string | null): OwnerLine[] {
  const lines = register.owners.map((owner): OwnerLine => ({
    backend: owner.backend,
    when: owner.when?.text ?? null,
    kept: keptIn(owner),
    steps: [...stepsOf(owner), ...missingParts(owner)],
  }));
  return [...lines].sort((a, b) => Number(b.backend === firstBackend) - Number(a.backend === firstBackend));
}

/** Evidence of a transfer. */
export function evidenceOf({ file, line }: Pick<Transfer, 'file' | 'line'>): Evidence {
  return { file, line };
}

/** A place in words. */
export function placePhrases(owner: Pick<Owner, 'place'>): Phrase[] {
  const { kind, name } = owner.place;
  switch (kind) {
    case 'hardware':
      return ['hardware'];
    case 'vmcs':
    case 'vmcb':
      return [`${kind.toUpperCase()} `, code(name)];
    case 'vmsa':
      return ['VMSA, encrypted'];
    case 'ghcb':
      return ['VMSA, encrypted'];
    case 'tdx':
      return ['TDX module, not visible'];
    case 'cache':
      return ['register cache'];
    case 'fpstate':
      return ['XSAVE component ', code(name)];
    default:
      return [name];
  }
}

function keptIn(owner: Owner): Phrase[] {
  switch (owner.sync) {
    case 'none':
      return ['not tracked'];
    case 'xsave':
      return owner.load.length + owner.store.length > 0
        ? ['hardware, or ', code(owner.place.name), ' of the guest fpstate']
        : [owner.summary.replace(/\.$/, '')];
    case 'eager':
      return owner.place.kind === 'tdx' ? ['TDX module, argument ', code(owner.place.name)] : placePhrases(owner);
    default:
      return placePhrases(owner);
  }
}

function stepsOf(owner: Owner): Statement[] {
  const { when } = owner;
  const [load] = owner.load;
  const back = owner.store.find((t) => t.phase === 'vm-entry' || t.phase === 'set') ?? owner.store[0];
  switch (owner.sync) {
    case 'switched':
    case 'eager':
      return [
        ...step(load, 'in at VM-exit, ', when),
        ...step(back, back?.phase === 'set' ? 'set by ' : 'out at VM-entry, ', when),
      ];
    case 'lazy':
      return [
        ...step(load, 'read when needed by ', when),
        ...step(
          back,
          back?.phase === 'set'
            ? 'written through by '
            : `written back at VM-entry${back?.isIfDirty ? ' if dirty' : ''} by `,
          when,
        ),
      ];
    case 'direct':
      return [...step(load, 'not cached: read by '), ...step(back, 'written by ')];
    case 'intercepted':
      return back
        ? step(back, "guest writes trap; hardware's copy set by ", when)
        : [statement(["guest writes trap; hardware runs with KVM's own value"])];
    case 'partial':
      return partialSteps(owner, load);
    case 'protected':
      return step(
        owner.store.find((t) => t.phase === 'launch'),
        'written once, before launch, by ',
      );
    case 'xsave':
      return [...step(load, 'read by '), ...step(back, 'written by ')];
    case 'none':
      return [];
  }
}

function missingParts({ missing }: Owner): Statement[] {
  return missing.length > 0 ? [statement([`missing: ${missing.join(', ')}`])] : [];
}

function partialSteps(owner: Owner, load: Transfer | undefined): Statement[] {
  if (owner.place.kind === 'ghcb') {
    const answer = owner.store.find((t) => t.to?.kind === 'ghcb');
    return [...step(load, 'in by the GHCB only, '), ...step(answer, 'out by it, ')];
  }
  if (owner.place.kind === 'tdx') {
    const argument = owner.place.name.toUpperCase();
    return [
      ...step(load, `this slot gets the guest's ${argument} of a TDVMCALL, `),
      ...(load ? [] : step(owner.store[0], `this slot is put into ${argument} by `)),
    ];
  }
  return step(load, 'a write trap tells KVM new values, ');
}

function step(transfer: Transfer | undefined, words: string, when: Condition | null = null): Statement[] {
  if (!transfer) return [];
  const guards = shownGuards(transfer).filter((guard) => !when || !impliedBy(when, guard));
  const condition: Phrase[] = guards.length > 0 ? [' if ', code(guards.map(shownGuard).join(' && '))] : [];
  const evidence = [evidenceOf(transfer), ...(transfer.call ? [evidenceOf(transfer.call)] : [])];
  const by: Phrase[] = transfer.call ? [', called by ', code(transfer.call.function)] : [];
  return [statement([words, code(transfer.function), ...by, ...condition], evidence)];
}

/** Whether a guard only says that an option is set. */
function isOption(guard: Guard): boolean {
  return guard.kind === 'config' && !guard.negated && guard.condition.kind === 'value';
}

/** Conditions worth a reader's time: not earlier exits, nor what every 64-bit kernel has. */
export function shownGuards(transfer: Transfer): Guard[] {
  const isTold = (guard: Guard) => guard.kind !== 'exit' && !isOption(guard);
  return transfer.conditions.filter(isTold).slice(0, 2);
}
