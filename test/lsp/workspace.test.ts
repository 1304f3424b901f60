import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createWorkspace, type Workspace } from '../../server/src/lsp/engine/workspace.js';
import { allSteps } from '../../server/src/model/steps.js';
import { parser } from '../engine.js';
import { referenceLines } from '../referenceLines.js';
import { samplePath } from '../samples.js';
import { temporaryTree } from '../tree/temporaryTree.js';
import { uriOf } from './client.js';
import { textOf } from './sampleTree.js';

const sample = samplePath('load-store-regs');
const VMX = 'arch/x86/kvm/vmx/vmx.c';

it('a tree that is written in two ways has one model, which is read once', async () => {
  const link = join(temporaryTree({}), 'linked');
  symlinkSync(sample, link);
  let readings = 0;
  const workspace = createWorkspace(await parser(), { onStage: () => undefined, onRead: () => readings++ });
  allSteps(workspace.addFolder(link));
  const places = [link, sample, link].map((root) => placeIn(workspace, root));
  expect(places.map(({ root }) => root)).toEqual([link, sample, link]);
  expect(new Set(places.map(({ model }) => model)).size).toBe(1);
  expect(allSteps(workspace.now().all()).map(({ root }) => root)).toEqual([link]);
  expect(readings).toBe(1);
  // Nor is anything read for a document that is opened by the other way with the text that it has.
  workspace.open({ uri: uriOf(join(sample, VMX)), text: textOf(sample, VMX) });
  expect(placeIn(workspace, link).model).toBe(places[0]?.model);
  expect(readings).toBe(1);
});

it('answers for the texts of the moment at which it was asked', async () => {
  const workspace = createWorkspace(await parser(), { onStage: () => undefined, onRead: () => undefined });
  const uri = uriOf(join(sample, VMX));
  const text = textOf(sample, VMX);
  workspace.open({ uri, text });
  const before = workspace.now();
  allSteps(before.place(uri));
  workspace.open({ uri, text: `\n${text}` });
  const after = workspace.now();
  const textIn = (trees: typeof before) => allSteps(trees.place(uri))?.model.files.get(VMX)?.source.text;
  expect(textIn(after)).toBe(`\n${text}`);
  expect(textIn(before)).toBe(text);
});

it('forgets a folder that is removed, but not a tree in which a document or another folder is', async () => {
  const workspace = createWorkspace(await parser(), { onStage: () => undefined, onRead: () => undefined });
  const roots = () => allSteps(workspace.now().all()).map(({ root }) => root);
  const other = samplePath('inline-asm');
  const inside = join(sample, 'arch/x86');
  for (const folder of [sample, other, inside]) allSteps(workspace.addFolder(folder));
  expect(roots()).toEqual([sample, other]);
  workspace.removeFolder(other);
  workspace.removeFolder(sample);
  expect(roots()).toEqual([sample]);
  expect(workspace.status().map(({ root }) => root)).toEqual([sample]);
  workspace.open({ uri: uriOf(join(sample, VMX)), text: textOf(sample, VMX) });
  workspace.removeFolder(inside);
  expect(roots()).toEqual([sample]);
  workspace.close(uriOf(join(sample, VMX)));
  workspace.removeFolder('/nowhere');
  expect(roots()).toEqual([]);
});

it.each([['a tree'], ['a link to a tree']])('a document that is not on the disk yet is of %s', async (way) => {
  const link = join(temporaryTree({}), 'linked');
  symlinkSync(sample, link);
  const root = way === 'a tree' ? sample : link;
  const workspace = createWorkspace(await parser(), { onStage: () => undefined, onRead: () => undefined });
  const uri = uriOf(join(root, 'arch/x86/kvm/vmx/new/fresh.c'));
  workspace.open({ uri, text: 'void f(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RAX] = 1;\n}\n' });
  const place = allSteps(workspace.now().place(uri));
  expect(place).toMatchObject({ root, path: 'arch/x86/kvm/vmx/new/fresh.c' });
  if (place) expect(referenceLines(place.model, place.path)).toEqual(['3:18 write VCPU_REGS_RAX in f']);
});

function placeIn(workspace: Workspace, root: string) {
  const place = allSteps(workspace.now().place(uriOf(join(root, VMX))));
  if (!place) throw new Error(`${root} is no tree`);
  return place;
}
