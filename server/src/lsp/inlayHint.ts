import { wordsOf } from '../explain/words.js';
import type { InlayHint } from 'vscode-languageserver';
import { findSet } from '../explain/explainSet.js';
import type { RegisterModel } from '../model/registerModel.js';
import type { AnswerOptions } from './answers.js';
import { positionAt } from './positions.js';
import type { Place } from './workspace.js';

/** textDocument/inlayHint: a register set's members where it is used, a case label's owner. */
export function inlayHints({ model, path }: Place, options: AnswerOptions): InlayHint[] {
  const file = model.files.get(path);
  if (!file) return [];
  const hint = (offset: number, label: string): InlayHint => ({
    position: positionAt(file.source, offset, options.encoding),
    label,
    paddingLeft: true,
  });
  const sets = [...model.files.values()].flatMap((f) => f.facts?.sets ?? []).map((set) => set.name);
  const uses = (file.facts?.functions ?? []).flatMap((fn) =>
    [...new Set(sets)].flatMap((name) => {
      const offset = fn.words.get(name);
      const set = offset === undefined ? null : findSet(model, name);
      return set && offset !== undefined ? [hint(offset + name.length, membersText(model, set.members))] : [];
    }),
  );
  const cases = file.references
    .filter((reference) => reference.kind === 'case')
    .flatMap((reference) => {
      const owners = model.registers.find((r) => r.member?.name === reference.register)?.owners ?? [];
      const shown = owners.filter(
        ({ backend, sync }) => sync !== 'none' && (options.backends.length === 0 || options.backends.includes(backend)),
      );
      const [first] = shown;
      return first
        ? [hint(reference.end + 1, `${wordsOf(model).backend(first.backend)}: ${first.place.name}, ${first.sync}`)]
        : [];
    });
  return [...uses, ...cases];
}

function membersText(model: RegisterModel, members: readonly string[]): string {
  return members.map((member) => model.symbols.registers.byName.get(member)?.register ?? member).join(' ');
}
