import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { layOut } from '../../server/src/cli/lines.js';
import { printable, printableJson } from '../../server/src/explain/printable.js';
import { samplePath } from '../samples.js';
import { run } from './program.js';

/** Controls, and marks of direction, by Unicode's own properties; not the end of a line. */
const HOSTILE = /[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/u;

const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b',
      '\u0007',
      '\n',
      '\r',
      '\t',
      '\b',
      '\u007f',
      '\u009b',
      '\u202e',
      '\u2066',
      '\u200f',
      '\u2028',
      ' ',
      'x',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

describe('text that leaves for a terminal', () => {
  it('has one line for each that is meant, and nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.array(hostileText), fc.integer({ min: 1, max: 200 }), (lines, width) => {
        const text = layOut(lines, { width, placeWidth: width, isBold: false });
        expect(text).not.toMatch(HOSTILE);
        expect(layOut(lines, { width: Infinity, placeWidth: Infinity, isBold: false }).split('\n')).toHaveLength(
          lines.length + 1,
        );
      }),
    );
  });

  it('is as it was where it holds nothing of that', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!HOSTILE.test(text));
        expect(printable(text)).toBe(text);
      }),
    );
  });

  it('as JSON means the same', () => {
    fc.assert(
      fc.property(fc.dictionary(hostileText, fc.array(hostileText)), (value) => {
        const json = printableJson(JSON.stringify(value, null, 1));
        expect(json).not.toMatch(HOSTILE);
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe('a hostile tree', () => {
  const root = mkdtempSync(join(tmpdir(), 'kvm-regs-hostile-'));
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  const kvm = join(root, 'arch/x86/kvm');
  const evil = '\u001b]0;TITLE\u0007\u202e\u009b2J';
  cpSync(samplePath('load-store-regs'), root, { recursive: true });
  mkdirSync(join(kvm, `svm/a${evil}\nb`));
  writeFileSync(
    join(kvm, `svm/a${evil}\nb/evil.c`),
    '#include "../svm.h"\nvoid evil(struct kvm_vcpu *vcpu)\n{\n\tvcpu->arch.regs[VCPU_REGS_RAX] = 1;\n}\n',
  );
  writeFileSync(join(kvm, `svm/bad${evil}.c`), '\0');
  const svm = readFileSync(join(kvm, 'svm/svm.c'), 'utf8');
  const condition = 'if (!is_sev_es_guest(vcpu)) {';
  expect(svm).toContain(condition);
  writeFileSync(join(kvm, 'svm/svm.c'), svm.replaceAll(condition, `if (is_x(vcpu) && strcmp(n, "${evil}") == 0) {`));

  it.each([
    [['map', root]],
    [['map', root, '--markdown']],
    [['map', root, '--json']],
    [['refs', root, 'RAX']],
    [['refs', root, 'RAX', '--json']],
    [['owner', root, 'RAX']],
    [['owner', root, 'RAX', '--width', '80']],
    [['owner', root, `R${evil}`]],
    [['check', root]],
    [['xsave', root]],
    [['explain', root, `${evil}.c:1`]],
    [['explain', root, 'evil.c:4']],
    [[evil]],
    [['map', `--${evil}`]],
  ])('moves no cursor and sets no title: %j', (args) => {
    const { status, stdout, stderr } = run(args);
    expect(stdout + stderr).not.toMatch(HOSTILE);
    expect(stdout + stderr).not.toBe('');
    expect(status).not.toBe(70);
  });

  it('gives its names in JSON as they are', () => {
    const refs = JSON.parse(run(['refs', root, 'RAX', '--json']).stdout) as { readonly file: string }[];
    expect(refs.map(({ file }) => file)).toContain(`arch/x86/kvm/svm/a${evil}\nb/evil.c`);
  });
});
