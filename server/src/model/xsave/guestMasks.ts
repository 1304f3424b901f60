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
  const bits = base ? facts.bitsOf(base.mask) : 0n;
  const changes = writes.flatMap((write) => {
    const cleared = write === set ? 0n : clearedBits(write, facts);
    return cleared === 0n
      ? []
      : [{ ...write.site, function: write.function, text: write.text, guards: write.guards, cleared }];
  });
  return {
    register,
    variable: set?.variable ?? null,
    bits,
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

/** The bits that a write takes away: of `&= ~(A | B)`, those; of `= 0`, all. */
function clearedBits({ operator, mask, isOfHost }: MaskWrite, facts: ComponentFacts): bigint {
  const value = facts.bitsOf(mask);
  if (value === null || isOfHost) return 0n;
  if (operator === '&=') return ~value & EVERY;
  return operator === '=' ? ~value & EVERY : 0n;
}
