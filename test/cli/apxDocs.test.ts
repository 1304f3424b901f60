import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { registerNamed } from '../../server/src/model/query/registers.js';
import { mapText, ownersText } from '../cliText.js';
import { modelOfTree } from '../engine.js';
import { samplePath } from '../samples.js';

const docs = readFileSync(fileURLToPath(new URL('../../docs/apx.md', import.meta.url)), 'utf8');
const shown = [...docs.matchAll(/```text\n\$ kvm-regs (.*)\n([^]*?)\n```/g)].map(([, command = '', output = '']) => [
  command,
  output,
]);

it('docs/apx.md shows what the samples give, one of each design', () => {
  const samples = shown.map(([command]) => /samples\/(\S+)/.exec(command ?? '')?.[1]);
  expect(samples).toEqual(
    expect.arrayContaining(['apx-fpstate', 'apx-world-switch', 'apx-xfeatures', 'apx-half-applied']),
  );
});

it.each(shown)('docs/apx.md: %s', async (command = '', output) => {
  const [verb, path = '', name = '', , backend = null] = command.split(' ');
  const model = await modelOfTree(samplePath(path.replace('samples/', '')));
  const register = registerNamed(model, name);
  const said = verb === 'owner' && register ? ownersText(model, register, backend) : mapText(model, 100);
  expect(said.trimEnd()).toBe(output);
});
