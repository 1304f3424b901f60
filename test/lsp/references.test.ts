import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Location } from 'vscode-languageserver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refsJson, type RefJson } from '../../server/src/cli/refs.js';
import { locationAt } from '../../server/src/syntax/text/sourceText.js';
import type { Register, RegisterModel } from '../../server/src/model/registerModel.js';
import { modelOfTree } from '../engine.js';
import { keeping } from '../keeping.js';
import { describeKernels, truthDirectory, type Kernel } from '../kernels.js';
import { positionAt, startClient, uriOf, type Client } from './client.js';

const truth = truthDirectory() ?? '';

describeKernels(
  'textDocument/references of every register',
  (kernel) => {
    describe('of a kernel that the truth knows', () => {
      let model: RegisterModel;
      let client: Client;
      /** The server's answer for each register of the tree's enum, in the form of `kvm-regs refs`. */
      const answers = new Map<Register, readonly Place[]>();

      beforeAll(async () => {
        client = await startClient({ folders: [kernel.root], environment: keeping() });
        model = await modelOfTree(kernel.root);
        for (const register of model.registers) {
          if (register.member) answers.set(register, await referencesOf(client, model, register));
        }
      });
      afterAll(() => client.end());

      it('equal those that kvm-regs refs prints', () => {
        expect(answers.size).toBeGreaterThan(20);
        for (const [register, places] of answers) {
          const own = refsJson(model, [register.register]).filter((ref) => ref.indirect !== true);
          expect(places.map(shown).sort(), register.register).toEqual([...new Set(own.map(shown))].sort());
        }
      });

      it("pass the truth's score in refs' form", () => {
        const refs = [...answers].flatMap(([register, places]) => {
          const answered = new Set(places.map(shown));
          return refsJson(model, [register.register]).filter((ref) => answered.has(shown(ref)));
        });
        // An end marker (NR_VCPU_REGS) is no register, and nothing that a server is asked for.
        const named = new Set([...answers].flatMap(([{ member, aliases }]) => [member?.name, ...aliases]));
        const markers = refsJson(model).filter(({ register }) => register !== null && !named.has(register));
        expect(score(kernel, [...refs, ...markers])).toBe('equal to the compiler');
      });
    });
  },
  isKnown,
);

function isKnown({ version }: Kernel): boolean {
  return existsSync(join(truth, `expected-${version}.tsv`));
}

/** What the truth's own script says in the end of references. */
function score({ version, root }: Kernel, refs: readonly RefJson[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'kvm-regs-truth-'));
  const file = join(directory, 'refs.json');
  writeFileSync(file, JSON.stringify(refs));
  const args = [join(truth, 'score.mjs'), version, file, '--tree', root];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  return /^equal to the compiler$/m.exec(stdout)?.[0] ?? stdout + stderr;
}

type Place = Pick<RefJson, 'file' | 'line' | 'column'>;

async function referencesOf(client: Client, model: RegisterModel, { member }: Register): Promise<readonly Place[]> {
  const source = model.files.get(member?.declared?.file ?? '')?.source;
  if (!member || !source) throw new Error('a register that is declared nowhere');
  const found = await client.request<Location[] | null>('textDocument/references', {
    textDocument: { uri: uriOf(join(model.root, source.path)) },
    position: positionAt(source.text, member.offset),
    context: { includeDeclaration: true },
  });
  return (found ?? []).map((location) => placeOf(model, location));
}

/** A location, its column in bytes as the command line has it. */
function placeOf(model: RegisterModel, { uri, range }: Location): Place {
  const file = relative(model.root, fileURLToPath(uri));
  const source = model.files.get(file)?.source;
  if (!source) throw new Error(`${uri} is no file of the tree`);
  return locationAt(source, (source.lineStarts[range.start.line] ?? 0) + range.start.character);
}

function shown({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
