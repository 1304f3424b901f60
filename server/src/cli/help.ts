import manifest from '../../package.json' with { type: 'json' };
import {
  COMMAND_NAMES,
  COMMANDS,
  OPERANDS,
  OPTIONS,
  optionText,
  synopsisOf,
  type CommandName,
  type OperandName,
  type OptionName,
} from './commandTable.js';
import { heading, type Line } from './lines.js';

/** What every exit status means, in the order of the numbers: the help, the manual page and docs/exit-status.md say it. */
export const STATUSES: readonly { readonly status: number; readonly says: string }[] = [
  { status: 0, says: 'done' },
  { status: 1, says: 'check found mistakes in register tracking' },
  { status: 2, says: 'wrong usage, or no KVM in TREE' },
  { status: 3, says: 'could not judge: a file that matters, or a part of one, was unread' },
  { status: 70, says: 'a fault of the program, or its output could not be written' },
];

export const PURPOSE = 'where each KVM x86 guest register lives and what moves it';

/** What the program leaves alone. */
export const PROMISE =
  'Nothing is built or configured, only the KVM part of the tree is read, and nothing is written into it. Answers are kept in the cache directory (kvm-regs cache says where); --no-cache keeps none.';

/** `kvm-regs --help` */
export function programHelp(): Line[] {
  const operands: readonly OperandName[] = ['TREE', 'REGISTER', 'POSITION'];
  return [
    `kvm-regs ${manifest.version}: ${PURPOSE}`,
    '',
    'kvm-regs COMMAND [TREE] [ARGUMENT ...] [OPTION ...]',
    '',
    ...definitions(COMMAND_NAMES.map((name) => [name, COMMANDS[name].summary])),
    '',
    ...definitions(operands.map((name) => [OPERANDS[name].title, OPERANDS[name].says])),
    '',
    'kvm-regs help COMMAND tells of its options and has examples; kvm-regs --version says the version.',
    '',
    PROMISE,
    '',
    heading('Exit status'),
    ...definitions(STATUSES.map(({ status, says }) => [String(status), says])),
  ];
}

/** `kvm-regs help COMMAND` */
export function commandHelp(name: CommandName): Line[] {
  const { summary, about, operands, options, examples } = COMMANDS[name];
  return [
    { text: synopsisOf(name), hang: 4 },
    '',
    `${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`,
    about,
    ...(operands.length === 0
      ? []
      : [
          '',
          heading('Arguments'),
          ...definitions(operands.map((operand) => [OPERANDS[operand.name].title, OPERANDS[operand.name].says])),
        ]),
    ...(options.length === 0
      ? []
      : ['', heading('Options'), ...definitions(options.map((option) => [optionText(option), optionSays(option)]))]),
    '',
    heading('Examples'),
    ...examples.flatMap(({ command, says }) => [`  ${command}`, `      ${says}`]),
  ];
}

/** What an option is for. */
export function optionSays(option: OptionName): string {
  return OPTIONS[option].says;
}

/** Terms with what they mean beside them, below each other. */
function definitions(entries: readonly (readonly [term: string, meaning: string])[]): Line[] {
  const column = 2 + Math.max(...entries.map(([term]) => term.length)) + 2;
  return entries.map(([term, meaning]) => ({ text: `  ${term}`.padEnd(column) + meaning, hang: column }));
}
