import type { AsmFunction } from '../model/query/assembly.js';
import { saveAreaOf } from '../model/query/backends.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { TreeBackend } from '../model/treeBackends.js';
import { explainWorldSwitch } from './explainWorldSwitch.js';
import type { FileSpan } from '../model/query/text.js';
import { fieldUsePhrases } from './fieldUse.js';
import { code, statement, strong, type Explanation, type Statement } from './explanation.js';
import { stateAddressPhrases } from './stateAddressWords.js';
import { wordsOf } from './words.js';

/** What an instruction, or a call of firmware, does that enters guests. */
export function explainEntry(model: RegisterModel, name: string, backends: readonly TreeBackend[]): Explanation {
  const titles = backends.map((backend) => wordsOf(model).backend(backend.name)).join(', ');
  return {
    subject: { kind: 'assembly', name },
    answer: statement([strong(name), `: VM-entry, enters a guest of ${titles}`]),
    owners: [],
    notes: backends.flatMap((backend) => keptNote(model, backend)),
  };
}

/** The registers that hardware loads and saves itself, of guests whose save area KVM can read. */
function keptNote(model: RegisterModel, { name, definition }: TreeBackend): Statement[] {
  const area = saveAreaOf(model, name);
  if (area === null)
    return definition?.hiddenIn
      ? [
          statement([
            `${wordsOf(model).backend(name)}: all registers are in the ${definition.hiddenIn.name}, which KVM does not see`,
          ]),
        ]
      : [];
  const kept = model.registers.filter(({ owners }) =>
    owners.some((own) => own.backend === name && own.place.kind === area),
  );
  if (kept.length === 0) return [];
  const names = kept.flatMap(({ register, class: kind }) => (kind === 'exit-info' ? [] : [register])).join(' ');
  return [
    statement([
      `${wordsOf(model).backend(name)}: hardware loads ${names} from the ${wordsOf(model).place(area).title} and saves them there on exit`,
    ]),
  ];
}

/** The label at which VM-exits arrive, with what its function moves. */
export function explainExitLabel(model: RegisterModel, name: string, fn: AsmFunction): Explanation {
  const { notes } = explainWorldSwitch(model, fn);
  return {
    subject: { kind: 'assembly', name },
    answer: statement([strong(name), ': VM-exit resumes here, in ', code(fn.asm.name), ', because HOST_RIP names it']),
    owners: [],
    notes,
  };
}

/** A field that has to do with a register and is not its place, with what is done with it where it stands. */
export function explainField(model: RegisterModel, at: FileSpan, name: string, words: string): Explanation {
  const use = [...fieldUsePhrases(model, at), ...stateAddressPhrases(model, at)];
  return {
    subject: { kind: 'place', name },
    answer: statement([strong(name), `: ${words}`, ...use]),
    owners: [],
    notes: [],
  };
}
