import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, COMMANDS, optionText } from '../../server/src/cli/commandTable.js';
import { isShell } from '../../server/src/cli/commandLine.js';
import { completionScript } from '../../server/src/cli/completion.js';
import { manPage } from '../../server/src/cli/manPage.js';
import { bash, run } from './program.js';

const help = run(['--help']).stdout;

it('help lists every command', () => {
  const listed = [...help.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name);
  expect(listed).toEqual(COMMAND_NAMES);
});

describe('help on a command', () => {
  it.each(COMMAND_NAMES)('%s has its options and examples, and fits 80 columns', (name) => {
    const { status, stdout } = run(['help', name]);
    expect(status).toBe(0);
    for (const option of COMMANDS[name].options) expect(stdout).toContain(`  ${optionText(option)}`);
    for (const { command } of COMMANDS[name].examples) expect(stdout).toContain(`  ${command}\n`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(run([name, '--help'])).toEqual({ status, stdout, stderr: '' });
  });

  it('of which each example is read as it is meant', () => {
    for (const name of COMMAND_NAMES)
      for (const { command } of COMMANDS[name].examples) expect(command).toMatch(new RegExp(`\\bkvm-regs ${name}\\b`));
  });
});

it('the manual page is the help: npm run man writes it', () => {
  const page = fileURLToPath(new URL('../../server/man/kvm-regs.1', import.meta.url));
  expect(readFileSync(page, 'utf8')).toBe(manPage());
});

it('the package installs the manual page: of what package.json says npm reads a list alone', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../server/package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ man: ['./man/kvm-regs.1'] });
});

describe('completion in bash', () => {
  /** What bash offers for words of which the last is being typed. */
  function offered(...words: readonly string[]): string[] {
    const typed = ['kvm-regs', ...words].map((word) => `'${word}'`).join(' ');
    const { stdout, stderr } = bash(
      `source <(kvm-regs completion bash); COMP_WORDS=(${typed}); COMP_CWORD=${String(words.length)}; _kvm_regs; printf '%s\\n' "\${COMPREPLY[@]}"`,
      { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    );
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  }

  it.each<readonly [readonly string[], readonly string[]]>([
    [[''], [...COMMAND_NAMES, '--help', '--version']],
    [['ow'], ['owner']],
    [['owner', '--ba'], ['--backend']],
    [
      ['owner', '--backend', 's'],
      ['svm', 'sev-es'],
    ],
    [['map', '--color', '=', 'al'], ['always']],
    [['owner', 'RF'], ['RFLAGS']],
    [['owner', 'rf'], ['RFLAGS']],
    [['map', 'samp'], ['samples']],
    [['map', '--html', 'READ'], ['README.md']],
    [['help', 'ch'], ['check']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('%j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

/** Whether a shell is on this machine. */
function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit']).status === 0;
}

describe.runIf(has('fish'))('completion in fish', () => {
  it.each<readonly [string, readonly string[]]>([
    ['ow', ['owner']],
    ['owner --ba', ['--backend']],
    ['owner --backend s', ['sev-es', 'svm']],
    ['owner RF', ['RFLAGS']],
    ['completion ', ['bash', 'fish', 'zsh']],
    ['map --html READ', ['README.md']],
  ])('%s', (typed, expected) => {
    const line = `complete -C 'kvm-regs ${typed}'`;
    const script = `${completionScript('fish')}\n${line}\n`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const offered = stdout.trim().split('\n');
    expect(offered.map((word) => word.split('\t')[0])).toEqual(expected);
  });
});

it.runIf(has('zsh'))('completion in zsh is a script that zsh reads', () => {
  const { status, stderr } = spawnSync('zsh', ['-n'], { input: completionScript('zsh'), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it.each(['zsh', 'fish'])('completion in %s knows every command and option', (shell) => {
  const script = isShell(shell) ? completionScript(shell) : '';
  for (const name of COMMAND_NAMES) {
    expect(script).toContain(name);
    for (const option of COMMANDS[name].options)
      expect(script).toContain(shell === 'fish' ? `-l ${option} ` : `--${option}`);
  }
});
