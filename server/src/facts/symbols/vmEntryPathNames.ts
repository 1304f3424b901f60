import { functionsCalling } from '../source/functionIndex.js';
import type { OpsTable } from './opsTables.js';
import type { SourceOutline } from '../source/sourceOutline.js';
import type { AsmFileFacts } from '../assembly/asmFile.js';

/** How many calls lie between an ioctl and VM-entry at the most. */
const LONGEST_PATH = 12;

/** KVM's operations are called through static calls of this prefix (asm/kvm-x86-ops.h). */
export const OPERATION_PREFIX = 'kvm_x86_';

/** The names on the way to VM-entry: functions that do it, that call one that does, and the operations they are. */
export function namesToVmEntry(
  outlines: readonly SourceOutline[],
  assembly: readonly AsmFileFacts[],
  tables: readonly OpsTable[],
  opaque: ReadonlySet<string>,
): Set<string> {
  const entering = assembly.flatMap((file) => file.functions.filter((f) => f.entry !== null).map((f) => f.name));
  const names = new Set([...entering, ...opaque]);
  for (const file of assembly) {
    for (const fn of file.functions) if (fn.calls.some((call) => names.has(call.name))) names.add(fn.name);
  }
  let fresh = [...names];
  for (let round = 0; round < LONGEST_PATH && fresh.length > 0; round++) {
    const found: string[] = [];
    const add = (name: string) => {
      if (names.has(name)) return;
      names.add(name);
      found.push(name);
    };
    for (const { entries } of tables) {
      for (const entry of entries) {
        if (!fresh.includes(entry.function)) continue;
        add(entry.member);
        add(`${OPERATION_PREFIX}${entry.member}`);
      }
    }
    for (const name of fresh) for (const caller of functionsCalling(outlines, name)) add(caller.name);
    fresh = found;
  }
  return names;
}
