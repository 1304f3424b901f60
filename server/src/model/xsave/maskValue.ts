/**
 * A set of components as far as it is known, a bit for each by its number: in it in any case, under conditions, or not known
 * whether; what is in none of the three is not in the set.
 */
export interface MaskValue {
  readonly always: bigint;
  readonly sometimes: bigint;
  readonly unknown: bigint;
}

/** All components. */
export const EVERY = (1n << 64n) - 1n;

export const NOT_KNOWN: MaskValue = { always: 0n, sometimes: 0n, unknown: EVERY };

/** A set of these components and no others. */
export function exactly(bits: bigint): MaskValue {
  return { always: bits, sometimes: 0n, unknown: 0n };
}

/** The components that may be in a set. */
export function possible({ always, sometimes, unknown }: MaskValue): bigint {
  return always | sometimes | unknown;
}

/** The set of what is in both. */
export function both(a: MaskValue, b: MaskValue): MaskValue {
  return valueOf(a.always & b.always, possible(a) & possible(b), a.unknown | b.unknown);
}

/** The set of what is in either. */
export function either(a: MaskValue, b: MaskValue): MaskValue {
  return valueOf(a.always | b.always, possible(a) | possible(b), a.unknown | b.unknown);
}

/** The set of what is not in another. */
export function complement(value: MaskValue): MaskValue {
  return valueOf(EVERY & ~possible(value), EVERY & ~value.always, value.unknown);
}

/** One of two sets, by a condition. */
export function oneOf(a: MaskValue, b: MaskValue): MaskValue {
  return valueOf(a.always & b.always, possible(a) | possible(b), a.unknown | b.unknown);
}

function valueOf(always: bigint, may: bigint, unknown: bigint): MaskValue {
  const open = may & ~always & unknown;
  return { always, sometimes: may & ~always & ~open, unknown: open };
}
