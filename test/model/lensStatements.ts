/** What a function's lens says of XSAVE state: `XCR0`, `guest's loaded before VM-entry`. */
export interface StateStatement {
  readonly state: string;
  readonly move: string;
}

/** States whose name has a blank in it. */
const SPACED = /FPU state|\S+/g;

/** The statements of a title: `XCR0 IA32_XSS: guest's loaded before VM-entry, host's loaded after VM-exit (vcpu_enter_guest)`. */
export function stateStatements(title: string): StateStatement[] {
  const own = title.replace(/^for the host's tasks, and for KVM: /, '').replace(/ \([^()]*\)$/, '');
  return own.split(' · ').flatMap((part) => {
    const [states = '', moves = ''] = part.split(': ');
    // `by KVM_SET_MSRS, the guest's WRMSR` is one.
    const all = moves.split(/, (?!the guest's)/);
    return [...states.matchAll(SPACED)].flatMap(([state]) => all.map((move) => ({ state, move })));
  });
}

/** What a function's lens says of registers: where they go, and when. */
export interface MoveStatement {
  /** The names; of more than eight, the first and the last. */
  readonly registers: readonly string[];
  readonly isRange: boolean;
  /** `<- VMCB after VM-exit`. */
  readonly move: string;
}

/** The statements of a title: `RAX RSP RIP -> VMCB before VM-entry · clears all dirty bits`; none of what moves nothing between places. */
export function moveStatements(title: string): MoveStatement[] {
  return title.split(' · ').flatMap((part): MoveStatement[] => {
    const [, names, move] =
      /^(?:by [\w, ]+[:,] )?([A-Z][A-Z0-9_-]+(?: \([^)]*\))?(?: [A-Z][A-Z0-9_-]+(?: \([^)]*\))?)*|\d+ registers \([^)]*\)) ?((?:<-|->|read from|set in|written to|reached) ?.*)$/.exec(
        part,
      ) ?? [];
    if (names === undefined || move === undefined) return [];
    const way = move.replace(/, .*$/, ''); // without conditions
    const range = /^\d+ registers \((\S+) \.\. (\S+)\)/.exec(names);
    if (range) return [{ registers: range.slice(1), isRange: true, move: way }];
    return [
      {
        registers: names
          .replace(/ \([^)]*\)/g, '')
          .trim()
          .split(' ')
          .flatMap(numbered),
        isRange: false,
        move: way,
      },
    ];
  });
}

/** The registers of `R16-R31`; of any other name that one. */
function numbered(name: string): string[] {
  const [, first, last] = /^R(\d+)-R(\d+)$/.exec(name) ?? [];
  if (first === undefined || last === undefined) return [name];
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `R${String(Number(first) + i)}`);
}
