import type { Transfer } from '../../server/src/backends/transfer.js';
import type { RegisterOwner, RegisterModel } from '../../server/src/model/registerModel.js';
import { transferLine } from './mapLines.js';
import type { Change } from './treeChanges.js';

/** A place in the source that makes a transfer of the map. */
export interface TransferSite {
  /** Removes it. */
  readonly removal: Change;
  /** The text that goes. */
  readonly text: string;
  readonly registers: readonly string[];
  /** The lines of the map that come from it. */
  readonly lines: readonly string[];
}

/**
 * The places that make the transfers of a tree's map, each with all that comes from it. Not those of exit information: one
 * of them tells more than its own move, namely which member of KVM's own holds it.
 */
export function transferSites(model: RegisterModel): TransferSite[] {
  const found = new Map<string, TransferSite>();
  for (const { register, owners } of model.registers.filter((r) => r.class !== 'exit-info')) {
    for (const [transfer, line] of owners.flatMap((owner) => linesOf(register, owner))) {
      const whole = model.files.get(transfer.file)?.source.text ?? '';
      const removal = removalOf(whole, transfer, register);
      const key = `${removal.path} ${String(removal.start)} ${String(removal.end)}`;
      const known = found.get(key);
      found.set(key, {
        removal,
        text: whole.slice(removal.start, removal.end),
        registers: [...new Set([...(known?.registers ?? []), register])],
        lines: [...new Set([...(known?.lines ?? []), line])],
      });
    }
  }
  return [...found.values()];
}

function linesOf(register: string, { backend, load, store }: RegisterOwner): [Transfer, string][] {
  return [
    ...load.map((t): [Transfer, string] => [t, `${register} ${backend} load ${transferLine(t)}`]),
    ...store.map((t): [Transfer, string] => [t, `${register} ${backend} store ${transferLine(t)}`]),
  ];
}

/** A C statement without its semicolon; of assembly one instruction, or a macro's operand where it has others as well. */
function removalOf(text: string, { file: path, offset }: Transfer, register: string): Change {
  const statement = path.endsWith('.S') ? /^(?:.*\\\n)*.*/ : /^[^;]*/;
  const [whole = ''] = statement.exec(text.slice(offset)) ?? [];
  const [, head = '', operands = ''] = /^(\w+_REGS\s+[^,]+,[^,]+,)([^]*)$/.exec(whole) ?? [];
  const operand =
    register.length === 3 && !/\d/.test(register) ? `%_ASM_${register.slice(1)}` : `%${register.toLowerCase()}`;
  const at =
    operands.split(/[\s,\\]+/).filter((word) => word !== '').length > 1
      ? operands.search(new RegExp(`${operand}\\b`))
      : -1;
  if (at < 0) return { path, start: offset, end: offset + whole.length, put: '' };
  const behind = /^\s*,/.exec(operands.slice(at + operand.length))?.[0].length;
  const start = offset + head.length + (behind === undefined ? operands.slice(0, at).lastIndexOf(',') : at);
  return { path, start, end: offset + head.length + at + operand.length + (behind ?? 0), put: '' };
}

/** Sites in a few batches, neighbours apart, so that most of the map stays in each. */
export function batchesOf(sites: readonly TransferSite[], count: number): TransferSite[][] {
  return Array.from({ length: count }, (_, batch) => sites.filter((_, i) => i % count === batch));
}
