import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refsJson } from '../../server/src/cli/refs.js';
import { modelOfTree } from '../engine.js';
import { describeKernels, truthDirectory, type Kernel } from '../kernels.js';

const shared = truthDirectory();
const truth = shared === null ? '' : realpathSync(shared);

describeKernels(
  "references equal the compiler's",
  (kernel) => {
    const guards = guardsOf(kernel);
    let references = '';

    beforeAll(async () => {
      references = join(mkdtempSync(join(tmpdir(), 'kvm-regs-truth-')), 'refs.json');
      writeFileSync(references, JSON.stringify(refsJson(await modelOfTree(kernel.root))));
    });

    afterAll(() => {
      rmSync(join(references, '..'), { recursive: true });
    });

    it('each is found, none is invented, reads and writes are told apart', () => {
      expect(score('score.mjs', [kernel.version, references, '--tree', kernel.root])).toEqual(equal);
    });

    it('each enclosing condition is found, none is invented', () => {
      expect(score('score-guards.mjs', [guards, references, '--layers', 'ref,call'])).toEqual(equal);
    });
  },
  (kernel) => existsSync(guardsOf(kernel)),
);

function guardsOf({ version }: Kernel): string {
  return join(truth, `guards-${version}.jsonl`);
}

const equal = { status: 0, differences: '' };

/** Runs one of the truth's own scripts: its exit status, and all that it says where that isn't agreement. */
function score(script: string, options: readonly string[]): { status: number | null; differences: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(truth, script), ...options], {
    encoding: 'utf8',
  });
  const agrees = /^(?:OK|equal to the compiler)$/m.test(stdout);
  return { status, differences: status === 0 && agrees ? '' : stdout + stderr || 'it said nothing' };
}
