import { parseArgs } from 'node:util';
import { CommandError, requireUsage } from './commandError.js';
import {
  COMMAND_NAMES,
  COMMANDS,
  isCommandName,
  isOptionName,
  OPTIONS,
  optionText,
  SHELLS,
  synopsisOf,
  type CommandName,
  type OptionName,
} from './commandTable.js';
import { suggestion } from './nearestNames.js';
import { splitArguments } from './treeArgument.js';

/** Options as they were given: '' for one without a value. */
export type GivenOptions = ReadonlyMap<OptionName, string>;

/** What the program is asked for, as its arguments say. */
export interface Request {
  readonly command: CommandName | 'version';
  /** The directory that is named as TREE; null for none. */
  readonly tree: string | null;
  /** The arguments besides TREE. */
  readonly rest: readonly string[];
  readonly options: GivenOptions;
}

/**
 * Reads the program's arguments by the table of commands. Whether their values mean something is for the command to say.
 * @throws CommandError for a command or an option that is none, or that do not go together.
 */
export function readRequest(args: readonly string[]): Request {
  const { positionals, given } = parseArguments(args);
  const [name, ...operands] = positionals;
  if (given.some(({ name: option }) => option === 'version')) return plainRequest('version');
  if (name === undefined) return readGeneral(given);
  if (!isCommandName(name))
    throw new CommandError(`unknown command '${name}'${suggestion(name, COMMAND_NAMES)}${seeHelp()}`);
  const options = readOptions(name, given);
  if (options.has('help')) return plainRequest('help', [name]);
  return { command: name, ...splitArguments(name, operands), options };
}

/** What is asked without a command: help. */
function readGeneral(given: readonly GivenOption[]): Request {
  const wrong = given.find(({ name }) => name !== 'help');
  requireUsage(wrong === undefined, `${wrong?.rawName ?? ''} wants a command before it${seeHelp()}`);
  return plainRequest('help');
}

function plainRequest(command: Request['command'], rest: readonly string[] = []): Request {
  return { command, tree: null, rest, options: new Map() };
}

/** ` (see kvm-regs help owner)` */
export function seeHelp(command?: CommandName): string {
  return ` (see kvm-regs help${command === undefined ? '' : ` ${command}`})`;
}

interface GivenOption {
  /** Without the dashes. */
  readonly name: string;
  /** As it was written. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether its value was written with `=`. */
  readonly isInline: boolean;
}

function parseArguments(args: readonly string[]): {
  readonly positionals: readonly string[];
  readonly given: readonly GivenOption[];
} {
  const { positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(
        Object.entries(OPTIONS).map(([name, { value }]) => [
          name,
          { type: value === null ? ('boolean' as const) : ('string' as const) },
        ]),
      ),
      help: { type: 'boolean', short: 'h' },
    },
  });
  const given = tokens.flatMap((token) => {
    if (token.kind !== 'option') return [];
    const { name, rawName, value, inlineValue } = token;
    return [{ name, rawName, value, isInline: inlineValue === true }];
  });
  return { positionals, given };
}

function readOptions(command: CommandName, given: readonly GivenOption[]): GivenOptions {
  const taken: readonly OptionName[] = [...COMMANDS[command].options, 'help'];
  return new Map(
    given.map(({ name, rawName, value, isInline }): [OptionName, string] => {
      if (!isOptionName(name)) {
        const meant = suggestion(
          rawName,
          taken.map((option) => `--${option}`),
        );
        throw new CommandError(`unknown option '${rawName}' of ${command}${meant}${seeHelp(command)}`);
      }
      requireUsage(taken.includes(name), `${command} takes no ${rawName}: ${synopsisOf(command)}`);
      return [name, readValue(name, value, isInline)];
    }),
  );
}

function readValue(name: OptionName, value: string | undefined, isInline: boolean): string {
  const entry = OPTIONS[name];
  if (entry.value === null) {
    requireUsage(value === undefined, `--${name} takes no value`);
    return '';
  }
  // What follows an option is its value, unless it looks like the next option.
  const isMissing = value === undefined || value === '' || (!isInline && value.startsWith('-'));
  requireUsage(!isMissing, `--${name} wants a value: ${optionText(name)}, ${entry.says}`);
  const written = value ?? '';
  const isOne = entry.values === null || entry.values.includes(written);
  requireUsage(
    isOne,
    `--${name} is ${entry.values?.join(', ') ?? ''}, not '${written}'${suggestion(written, entry.values ?? [])}`,
  );
  return written;
}

/** The shell that `completion` is asked for. */
export type Shell = (typeof SHELLS)[number];

export function isShell(name: string): name is Shell {
  return SHELLS.some((shell) => shell === name);
}
