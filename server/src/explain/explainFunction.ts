import { lineAt } from '../syntax/sourceText.js';
import type { GraphNode } from '../model/callGraph.js';
import type { Phase, RegisterModel, Transfer } from '../model/registerModel.js';
import { code, statement, strong, type Explanation, type Phrase, type Statement } from './explanation.js';
import { evidenceOf } from './ownerLines.js';

/** Registers that move the same way at the same time. */
interface MoveGroup {
  readonly words: string;
  readonly registers: string[];
  readonly first: Transfer;
}

/** What a function moves between places; null when it moves no register. */
export function explainFunction(model: RegisterModel, node: GraphNode): Explanation | null {
  const groups = moveGroups(model, node);
  const cleared = node.c?.clears ?? [];
  const source = model.files.get(node.file)?.source;
  if ((groups.length === 0 && cleared.length === 0) || !source) return null;
  const clears: Statement[] = cleared.map((clear) =>
    statement(['Clears every GPR of the register cache.'], [{ file: node.file, line: lineAt(source, clear.offset) }]),
  );
  const summary = groups.map((group) => `${group.registers.join(' ')} ${group.words}`).join(' · ');
  const answer: Phrase[] = groups.length > 0 ? [': ', summary] : [': clears every GPR of the register cache'];
  return {
    subject: { kind: 'function', name: node.name },
    answer: statement([strong(node.name), ...answer]),
    owners: [],
    notes: [...groups.map(groupNote), ...(groups.length > 0 ? clears : [])],
  };
}

/** Groups of a function's transfers, in the order of the text. */
export function moveGroups(model: RegisterModel, node: GraphNode): MoveGroup[] {
  const groups = new Map<string, MoveGroup>();
  for (const register of model.registers) {
    for (const transfer of register.transfers) {
      if (
        transfer.function !== node.name ||
        transfer.file !== node.file ||
        transfer.from === null ||
        transfer.to === null
      )
        continue;
      const words = directionWords(transfer);
      if (words === null) continue;
      const known = groups.get(words);
      if (!known) groups.set(words, { words, registers: [register.register], first: transfer });
      else if (!known.registers.includes(register.register)) known.registers.push(register.register);
    }
  }
  return [...groups.values()].sort((a, b) => a.first.offset - b.first.offset);
}

const PLACE_TITLES: Readonly<Record<string, string>> = {
  hardware: 'hardware',
  vmcs: 'VMCS',
  vmcb: 'VMCB',
  ghcb: 'GHCB',
  vmsa: 'VMSA',
  tdx: 'TDX arguments',
  emulator: 'emulator',
  nested: 'nested state',
  userspace: 'userspace',
  smram: 'SMRAM',
  memory: 'guest memory',
  host: 'host values',
  fpstate: 'fpstate',
};

function directionWords(transfer: Transfer): string | null {
  const { from, to } = transfer;
  if (from?.kind === 'cache' && to && to.kind !== 'cache')
    return `-> ${PLACE_TITLES[to.kind] ?? to.kind}${phaseWords(transfer.phase)}`;
  if (to?.kind === 'cache' && from && from.kind !== 'cache')
    return `<- ${PLACE_TITLES[from.kind] ?? from.kind}${phaseWords(transfer.phase)}`;
  return null;
}

function phaseWords(phase: Phase): string {
  const words: Partial<Record<Phase, string>> = {
    'vm-entry': ' before VM-entry',
    'vm-exit': ' after VM-exit',
    'on-demand': ' on demand',
    launch: ' at launch',
    smm: ' for SMM',
    nested: ' (nested)',
    reset: ' at reset',
    ioctl: ' (ioctl)',
  };
  return words[phase] ?? '';
}

function groupNote(group: MoveGroup): Statement {
  const guards = group.first.guards.filter((guard) => !/^case |^!\(|^CONFIG_/.test(guard)).slice(0, 2);
  const condition: Phrase[] = guards.length > 0 ? [', if ', code(guards.join(' && '))] : [];
  return statement(
    [`${group.registers.join(' ')}: register cache ${group.words}`, ...condition],
    [evidenceOf(group.first)],
  );
}
