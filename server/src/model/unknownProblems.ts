import type { Reason } from '../backends/owner.js';
import { registerNames } from '../syntax/x86/registerNames.js';
import type { ModelProblem } from './modelProblem.js';
import type { Register } from './registerModel.js';
import type { TreeBackend } from './treeBackends.js';

/** What of registers is not known, as problems: one for each reason, with the registers of which it is the first. */
export function unknownProblems(registers: readonly Register[], backends: readonly TreeBackend[]): ModelProblem[] {
  const found = new Map<string, { readonly reason: Reason; readonly title: string; readonly names: Set<string> }>();
  for (const { register, owners } of registers)
    for (const { backend, unknown } of owners)
      for (const reason of [...unknown.load.slice(0, 1), ...unknown.store.slice(0, 1)]) {
        const title = backends.find(({ name }) => name === backend)?.title ?? backend;
        const key = [title, reason.file, reason.line, reason.what, reason.why].join(' ');
        const known = found.get(key) ?? { reason, title, names: new Set<string>() };
        known.names.add(register);
        found.set(key, known);
      }
  return [...found.values()].map(({ reason: { file, line, what, why }, title, names }) => ({
    file,
    line,
    message: `${what} ${why}; so not all is known of ${registerNames([...names])} on ${title}`,
  }));
}
