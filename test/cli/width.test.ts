import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { readTree } from '../../server/src/model/readTree.js';
import { modelOfTree, parser, treeAt } from '../engine.js';
import { mapText } from '../cliText.js';
import { sampleNames, samplePath } from '../samples.js';
import { bash, program, run } from './program.js';

const sample = samplePath('load-store-regs');

function tooLong(text: string, width: number): string[] {
  return text.split('\n').filter((line) => line.length > width);
}

const commands: readonly string[][] = [
  ['map', sample],
  ['owner', sample, 'CR3'],
  ['owner', sample, 'PKRU'],
  ['check', sample],
  ['xsave', sample],
  ['explain', sample, 'vmx/vmx.c:36'],
];

describe('text', () => {
  it.each(commands)('of %s fits the columns that are asked for', (...args) => {
    for (const width of [80, 120]) {
      const { status, stdout } = run([...args, '--width', String(width)]);
      expect(status).toBe(0);
      expect(stdout).not.toBe('');
      expect(tooLong(stdout, width)).toEqual([]);
    }
  });

  it('fits 80 columns where output is no terminal, but for lines that programs read', () => {
    for (const args of commands) {
      const prose = run(args).stdout.replace(/^ *\S+:\d+:\d+: .*\n/gm, '');
      expect(tooLong(prose, 80)).toEqual([]);
    }
    const places = run(['owner', sample, 'CR3']).stdout.match(/^arch\S+:\d+:\d+: .*$/gm) ?? [];
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(place).toMatch(/: (?:load|store) CR3 via .* in \w+ \([^()]+\)/);
  });

  it('fits the terminal, and is bold there', () => {
    const inTerminal = (line: string) =>
      bash(`script -qec 'stty cols 70; ${line}' /dev/null`, { env: withProgram() }).stdout;
    const text = inTerminal('"$NODE" "$PROGRAM" map "$SAMPLE"').replaceAll('\r\n', '\n');
    expect(text).toContain('\u001b[1m');
    // What is said while the tree is read is taken back.
    const plain = text.replace(/^(?:\r\u001b\[K[^\r]*)*\r\u001b\[K/, '').replace(/\u001b\[[01]m/g, ''); // eslint-disable-line no-control-regex
    expect(plain).toBe(run(['map', sample, '--width', '70']).stdout);
    expect(inTerminal('NO_COLOR=1 "$NODE" "$PROGRAM" map "$SAMPLE"')).not.toContain('\u001b[1m');
  });

  it('is bold by --color alone', () => {
    expect(run(['map', sample, '--color=always'], { env: { NO_COLOR: '1' } }).stdout).toContain('\u001b[1m');
    expect(run(['map', sample, '--color', 'never']).stdout).not.toContain('\u001b');
  });
});

describe('the map', () => {
  it.each(sampleNames())('of samples/%s fits 40, 60, 80, 100 columns, and says more in more', async (name) => {
    const model = await modelOfTree(samplePath(name));
    const texts = [40, 60, 80, 100, 200].map((width) => ({ width, text: mapText(model, width) }));
    for (const { width, text } of texts) expect(tooLong(text, width)).toEqual([]);
    expect(texts.at(-1)?.text).not.toContain('…');
  });

  it('shortens places before it cuts them, and keeps the marks of what it cuts', async () => {
    const model = await modelOfTree(sample);
    const row = (width: number, name: string): string =>
      mapText(model, width)
        .split('\n')
        .find((line) => line.startsWith(name)) ?? '';
    expect(row(200, 'RAX ')).toMatch(/^RAX +switched +eager {3}save\.rax +partial GHCB rax +partial TDX r10$/);
    expect(row(80, 'RAX ')).toMatch(/^RAX +switched +eager save\.rax +partial GHCB +partial r10$/);
    expect(row(60, 'PDPTR ')).toMatch(/^PDPTR +lazy \w+…\* /);
  });

  it('has one row for R16-R31 of a tree without the FPU core', async () => {
    const { files, ...tree } = treeAt(sample);
    const kvm = { ...tree, files: files.filter(({ path }) => !path.includes('/fpu/')) };
    const rows = mapText(readTree(await parser(), kvm), 80).match(/^R[123]\d.*$/gm);
    expect(rows).toEqual([expect.stringMatching(/^R16-R31 +none {2}KVM has no storage for it here$/)]);
  });
});

function withProgram(): NodeJS.ProcessEnv {
  return { ...process.env, NODE: process.execPath, PROGRAM: program, SAMPLE: sample };
}
