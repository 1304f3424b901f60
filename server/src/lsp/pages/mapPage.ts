import type { Page } from '../../../../protocol/protocol.js';
import { isOpen } from '../../backends/owner.js';
import { wordsOf } from '../../explain/words.js';
import type { RegisterOwner } from '../../model/registerModel.js';
import { isChosenBackend, type AnswerOptions } from '../answerOptions.js';
import type { TreeModel } from '../engine/trees.js';
import { escapeMarkdown, relativeTarget } from '../markdown.js';
import { directoryUri } from '../positions.js';
import { treeTitle } from './treeTitle.js';

/** The register map: a row for each register, a cell for each backend, which leads to the code that moves the register. */
export function mapPage({ model, root }: TreeModel, options: AnswerOptions): Page {
  const backends = model.backends.filter(({ name }) => isChosenBackend(name, options));
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  const rows = model.registers.map(({ register, owners }) => {
    const cells = backends.map(({ name }) => owners.find(({ backend }) => backend === name));
    return row([register, ...cells.map((owner) => (owner ? cellOf(owner) : ''))]);
  });
  const lines = [
    `# ${treeTitle(model)}: where each guest register is while the guest runs`,
    '',
    row(['', ...backends.map(({ name }) => wordsOf(model).backend(name))]),
    row(['', ...backends].map(() => '---')),
    ...rows,
    '',
    '`*` holds under a condition; `?` is known one way only. *Explain Register at Cursor* says more.',
    '',
  ];
  return { title: 'Register Map', root: directoryUri(root), markdown: lines.join('\n') };
}

function cellOf(owner: RegisterOwner): string {
  const { sync, place, when, unknown, load, store } = owner;
  const marks = (when === null ? '' : '\\*') + (sync !== 'unknown' && isOpen(unknown) ? '?' : '');
  const [first] = [...load, ...store];
  const word = first ? `[${sync}](${relativeTarget(first)})` : sync;
  const hasPlace = place.kind !== 'hardware' && !['protected', 'none', 'unknown'].includes(sync);
  return `${word}${marks}${hasPlace ? ` ${escapeMarkdown(place.name)}` : ''}`;
}
