import type { Transfer } from '../../server/src/backends/transfer.js';
import { guardText } from '../../server/src/syntax/conditions/guard.js';
import { expect, it } from 'vitest';
import type { RegisterOwner, Register, RegisterModel } from '../../server/src/model/registerModel.js';
import { modelOfTree } from '../engine.js';
import { describeKernels } from '../kernels.js';
import { placesLine } from './mapLines.js';

// Each map was read line by line against the kernel's source before it was accepted.
describeKernels('register maps', ({ root, version }) => {
  it('are as they were when they were read against the source', async () => {
    const model = await modelOfTree(root);
    await expect(mapLines(model)).toMatchFileSnapshot(`maps/${version}.txt`);
  });
});

function mapLines(model: RegisterModel): string {
  return model.registers.flatMap(registerLines).join('\n') + '\n';
}

function registerLines(register: Register): string[] {
  const { member } = register;
  const declared = member
    ? `${member.name} = ${String(member.index)}, ${register.storage ?? 'not kept'}`
    : 'not in the enum';
  const aliases = register.aliases.length > 0 ? `, also ${register.aliases.join(', ')}` : '';
  return ['', `${register.register}: ${declared}${aliases}`, ...register.owners.flatMap(ownerLines)];
}

function ownerLines(owner: RegisterOwner): string[] {
  const when = owner.when === null ? '' : `, if ${owner.when.text}`;
  return [
    `  ${owner.backend}: ${owner.sync}, ${owner.place.kind} ${owner.place.name}${when}`,
    ...owner.load.map((t) => `    load  ${transferLine(t)}`),
    ...owner.store.map((t) => `    store ${transferLine(t)}`),
  ];
}

function transferLine(t: Transfer): string {
  const guards = t.guards.length > 0 ? ` if ${t.guards.map(guardText).join(' && ')}` : '';
  return `${t.file}:${String(t.line)} ${t.function} (${t.phase}): ${placesLine(t)}${guards}`;
}
