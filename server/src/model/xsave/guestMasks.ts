import type { FileFacts } from '../../facts/fileFacts.js';
import { siteAt, type ComponentFacts, type Site } from '../../facts/xsave/componentFacts.js';
import type { MaskWrite } from '../../facts/xsave/maskWrites.js';
import type { GuestMask } from './xsaveModel.js';

/** All components. */
const EVERY = (1n << 64n) - 1n;

interface LocatedWrite extends MaskWrite {
  readonly site: Site;
  readonly function: string;
}

/** What KVM lets guests enable, in XCR0 and in IA32_XSS: the host's value under a mask, and what is cleared from it. */
export function guestMasks(files: readonly FileFacts[], facts: ComponentFacts): GuestMask[] {
  const writes = files.flatMap(({ source, functions }) =>
    functions.flatMap(({ start, facts: fn }) =>
      (fn.xsave?.masks ?? []).map((write): LocatedWrite => ({
        ...write,
        site: siteAt(source, start + write.offset),
        function: fn.name,
      })),
    ),
  );
  return (['XCR0', 'XSS'] as const).flatMap((register) => {
    const own = writes.filter((write) => write.register === register);
    return own.length === 0 ? [] : [guestMask(register, own, facts)];
  });
}

function guestMask(register: GuestMask['register'], writes: readonly LocatedWrite[], facts: ComponentFacts): GuestMask {
  const base = writes.find((write) => write.isOfHost && write.mask !== '');
  const set = base ?? writes[0];
  const macro = base ? facts.masks.get(/^\((\w+)\)$/.exec(base.mask)?.[1] ?? '') : undefined;
  const bits = base ? facts.bitsOf(base.mask) : assignedBits(writes, facts);
  const changes = writes.flatMap((write) => {
    const cleared = write === set ? 0n : clearedBits(write, facts);
    const added = addedBits(write, facts) ?? 0n;
    return cleared === 0n && added === 0n
      ? []
      : [{ ...write.site, function: write.function, text: write.text, guards: write.guards, cleared, added }];
  });
  return {
    register,
    variable: set?.variable ?? null,
    bits,
    isOpen: writes.some((write) => addedBits(write, facts) === null),
    set: set?.site ?? null,
    changes,
    macro: macro ? namedSite(macro) : null,
  };
}

function namedSite({
  name,
  file,
  line,
  column,
  offset,
}: Site & { readonly name: string }): Site & { readonly name: string } {
  return { name, file, line, column, offset };
}

/** The bits that a variable is given where the host's value is no part of it; null where some cannot be computed. */
function assignedBits(writes: readonly LocatedWrite[], facts: ComponentFacts): bigint | null {
  const assigned = writes.filter(({ operator }) => operator === '=').map(({ mask }) => facts.bitsOf(mask));
  return assigned.reduce((all, bits) => (all === null || bits === null ? null : all | bits), 0n);
}

/** The bits that a write adds: of `|= host & A`, A; null where they cannot be computed. */
function addedBits({ operator, mask }: MaskWrite, facts: ComponentFacts): bigint | null {
  return operator === '|=' ? facts.bitsOf(mask) : 0n;
}

/** The bits that a write takes away: of `&= ~(A | B)`, those; of `= 0`, all. */
function clearedBits({ operator, mask, isOfHost }: MaskWrite, facts: ComponentFacts): bigint {
  const value = facts.bitsOf(mask);
  if (value === null || isOfHost) return 0n;
  if (operator === '&=') return ~value & EVERY;
  return operator === '=' ? ~value & EVERY : 0n;
}
