import manifest from '../../package.json' with { type: 'json' };
import { COMMAND_NAMES, COMMANDS, OPERANDS, optionText, synopsisOf, type OperandName } from './commandTable.js';
import { optionSays, PROMISE, PURPOSE, STATUSES } from './help.js';

/**
 * The manual page kvm-regs(1), in the macros of man(7), from the same table as the help. `npm run man` writes it. It has no date, so
 * that it is the same whenever it is made.
 */
export function manPage(): string {
  const operands: readonly OperandName[] = ['TREE', 'REGISTER', 'POSITION'];
  return [
    `.TH KVM-REGS 1 "" "kvm-regs ${manifest.version}" "User Commands"`,
    '.SH NAME',
    `kvm-regs \\- ${roff(PURPOSE)}`,
    '.SH SYNOPSIS',
    ...COMMAND_NAMES.flatMap((name, i) => [...(i === 0 ? [] : ['.br']), roff(synopsisOf(name))]),
    '.SH DESCRIPTION',
    ...terms(operands.map((name) => [OPERANDS[name].title, OPERANDS[name].says])),
    '.PP',
    roff(PROMISE),
    '.SH COMMANDS',
    ...COMMAND_NAMES.flatMap(commandSection),
    '.SH EXIT STATUS',
    ...terms(STATUSES.map(({ status, says }) => [String(status), says])),
    '.SH ENVIRONMENT',
    ...terms([['NO_COLOR', 'set to anything, no text is bold, unless --color=always asks for it']]),
    '',
  ].join('\n');
}

function commandSection(name: (typeof COMMAND_NAMES)[number]): string[] {
  const { summary, about, options, examples } = COMMANDS[name];
  return [
    `.SS ${name}`,
    roff(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`),
    roff(about),
    ...terms(options.map((option) => [optionText(option), optionSays(option)])),
    ...examples.flatMap(({ command, says }) => ['.PP', `${roff(says)}:`, '.RS', roff(command), '.RE']),
  ];
}

function terms(entries: readonly (readonly [term: string, meaning: string])[]): string[] {
  return entries.flatMap(([term, meaning]) => ['.TP', `.B ${roff(term)}`, roff(meaning)]);
}

/** Text as roff reads it: dashes are to be copied into a shell, and a line that begins with a dot or quote is no request. */
function roff(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/~/g, '\\(ti')
    .replace(/'/g, '\\(aq')
    .replace(/^(?=[.'])/, '\\&');
}
