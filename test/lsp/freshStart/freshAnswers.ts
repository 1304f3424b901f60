import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AnswerOptions } from '../../../server/src/lsp/answerOptions.js';
import { clientOptions } from '../../../server/src/lsp/clientOptions.js';
import { createWorkspace, type Workspace } from '../../../server/src/lsp/engine/workspace.js';
import { codeLenses, resolvedLens } from '../../../server/src/lsp/features/codeLens.js';
import { hoverAt } from '../../../server/src/lsp/features/hover.js';
import { referencesAt } from '../../../server/src/lsp/features/references.js';
import { positionAt } from '../../../server/src/lsp/positions.js';
import { allSteps } from '../../../server/src/model/steps.js';
import type { CParser } from '../../../server/src/syntax/c/cTree.js';
import { parser } from '../../engine.js';
import { temporaryTree } from '../../tree/temporaryTree.js';
import { uriOf } from '../client.js';
import { doSteps, sequences, writeSmallTree, type Follower } from './treeSequences.js';

const OPTIONS: AnswerOptions = {
  encoding: 'utf-16',
  isMarkdown: false,
  hasCommandLinks: false,
  setSeverity: null,
  hasRelatedInformation: false,
  refreshesLenses: false,
  settings: { codeLens: { everyFunction: true } },
};

/** Of a workspace whose readings are of no interest. */
const UNHEARD = { onStage: () => undefined, onRead: () => undefined };

/** How many sequences a file of tests tries: several files, each with a seed of its own, run side by side. */
const SEQUENCES = 50;

/** The test that after random sequences of steps a workspace answers as one does that reads the tree as it then is. */
export function testFreshAnswers(seed: number): void {
  it('after any sequence of edits and changes on the disk every answer equals that of a fresh start', async () => {
    const c = await parser();
    const directory = temporaryTree({});
    let run = 0;
    fc.assert(
      fc.property(sequences, (steps) => {
        const root = join(directory, String(run++));
        writeSmallTree(root);
        const workspace = createWorkspace(c, UNHEARD);
        allSteps(workspace.addFolder(root));
        const open = doSteps(root, steps, followerOf(workspace, root));
        expect(answersOf(workspace)).toBe(answersOf(freshWorkspace(c, root, open)));
        rmSync(root, { recursive: true });
      }),
      { seed, numRuns: SEQUENCES },
    );
  }, 60_000);
}

/** Lets a workspace follow; it answers between edits, so that it has something to remember wrongly. */
function followerOf(workspace: Workspace, root: string): Follower {
  const uri = (path: string) => uriOf(join(root, path));
  return {
    open: (path, text) => {
      workspace.open({ uri: uri(path), text });
    },
    change: (path, _, after) => {
      workspace.open({ uri: uri(path), text: after });
      allSteps(workspace.now().all());
    },
    close: (path) => {
      workspace.close(uri(path));
    },
    diskChanged: () => {
      workspace.refresh();
    },
  };
}

function freshWorkspace(c: CParser, root: string, open: ReadonlyMap<string, string>): Workspace {
  const workspace = createWorkspace(c, UNHEARD);
  for (const [path, text] of open) workspace.open({ uri: uriOf(join(root, path)), text });
  allSteps(workspace.addFolder(root));
  return workspace;
}

/** What a workspace says, as text: of each file its lenses, and hovers at each reference; each register's references. */
function answersOf(workspace: Workspace): string {
  const trees = workspace.now();
  const answers = allSteps(trees.all()).map(({ model, root }) => {
    const files = [...model.files].map(([path, { source, references: found }]) => {
      const place = allSteps(trees.place(uriOf(join(root, path)))) ?? { model, root, path };
      const at = (offset: number) => ({ uri: '', position: positionAt(source, offset, OPTIONS.encoding) });
      const hovers = found.map(({ start }) => hoverAt(place, at(start), OPTIONS));
      const lenses = codeLenses(place, OPTIONS).map((lens) => resolvedLens(lens, clientOptions(null)));
      const registers = model.registers
        .filter(({ member }) => member?.declared?.file === path)
        .map(({ member }) => referencesAt(place, at(member?.offset ?? 0), OPTIONS));
      return { path, hovers, lenses, registers };
    });
    return { kernel: model.kernel, problems: model.problems, files };
  });
  return JSON.stringify(answers, null, 1);
}
