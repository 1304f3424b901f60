import { COMMAND_NAMES, COMMANDS, OPTIONS, SHELLS, type CommandName, type OptionName } from './commandTable.js';
import type { Shell } from './commandLine.js';
import { REGISTER_NAMES } from './registerNames.js';

/** Backends that a tree may have, for `--backend`. */
const BACKENDS = ['vmx', 'svm', 'sev-es', 'tdx'];

/** The script that makes a shell complete kvm-regs, from the same table as the help. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]();
}

/** What an option's value can be; null for an option without one, [] for a value that nobody can know. */
function valuesOf(option: OptionName): readonly string[] | null {
  const { value, values } = OPTIONS[option];
  if (value === null) return null;
  return option === 'backend' ? BACKENDS : (values ?? []);
}

/** Whether an option's value is the path of a file. */
function isPath(option: OptionName): boolean {
  return OPTIONS[option].value === 'FILE';
}

/** The words that a command's arguments can be, besides files and directories. */
function wordsOf(name: CommandName): readonly string[] {
  return COMMANDS[name].operands.flatMap((operand) => {
    if (operand.name === 'REGISTER') return REGISTER_NAMES;
    if (operand.name === 'COMMAND') return COMMAND_NAMES;
    return operand.name === 'SHELL' ? SHELLS : [];
  });
}

/** What of the file system a command's arguments can be. */
function pathsOf(name: CommandName): 'files' | 'directories' | 'none' {
  const operands = COMMANDS[name].operands.map((operand) => operand.name);
  if (operands.includes('POSITION')) return 'files';
  return operands.includes('TREE') ? 'directories' : 'none';
}

function optionsOf(name: CommandName): readonly OptionName[] {
  return [...COMMANDS[name].options, 'help'];
}

/** Every option that has a value, with the values that are known. */
function valuedOptions(): (readonly [OptionName, readonly string[]])[] {
  const all = new Set(COMMAND_NAMES.flatMap(optionsOf));
  return [...all].flatMap((option) => {
    const values = valuesOf(option);
    return values === null ? [] : [[option, values] as const];
  });
}

function bashScript(): string {
  const values = valuedOptions().map(([option, known]) =>
    isPath(option)
      ? `    --${option}) _kvm_regs_paths -f; return ;;`
      : `    --${option}) COMPREPLY=($(compgen -W '${known.join(' ')}' -- "$word")); return ;;`,
  );
  const compgen = { files: ' -f', directories: ' -d', none: '' };
  const commands = COMMAND_NAMES.map((name) => {
    const options = optionsOf(name).map((option) => `--${option}`);
    const paths = compgen[pathsOf(name)];
    const words = wordsOf(name).join(' ');
    return `    ${name}) options='${options.join(' ')}' words='${words}' paths='${paths.trim()}' ;;`;
  });
  return `# bash completion of kvm-regs: source <(kvm-regs completion bash)
_kvm_regs() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} options words paths
  COMPREPLY=()
  # bash takes "=" for a word of its own: --color=al is three.
  if [[ $word == = ]]; then word=; elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${COMMAND_NAMES.join(' ')} --help --version' -- "$word"))
    return
  fi
  case $previous in
${values.join('\n')}
  esac
  case \${COMP_WORDS[1]} in
${commands.join('\n')}
    *) return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # Registers are known by their names in small letters too.
  [[ -n $word && \${#COMPREPLY[@]} == 0 ]] && COMPREPLY=($(compgen -W "$words" -- "$(tr a-z A-Z <<<"$word")"))
  [[ -n $paths ]] && _kvm_regs_paths "$paths"
}
_kvm_regs_paths() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen "$1" -- "$word"))
  compopt -o filenames 2>/dev/null
}
complete -F _kvm_regs kvm-regs
`;
}

function zshScript(): string {
  const commands = COMMAND_NAMES.map((name) => `    '${name}:${quoted(COMMANDS[name].summary)}'`);
  const cases = COMMAND_NAMES.map((name) => {
    const options = optionsOf(name).map((option) => `'${zshOption(option)}'`);
    const paths = { files: '_files', directories: '_directories', none: '_nothing' }[pathsOf(name)];
    const words = wordsOf(name);
    const action = words.length === 0 ? paths : paths === '_nothing' ? '_kvm_regs_words' : '_kvm_regs_both';
    return `    ${name})
      words_of=(${words.join(' ')}) paths_of=${paths}
      _arguments ${[...options, `'*:argument:${action}'`].join(' ')} ;;`;
  });
  return `#compdef kvm-regs
# zsh completion of kvm-regs: kvm-regs completion zsh > a directory of fpath/_kvm-regs
_kvm_regs_words() { compadd -M 'm:{a-z}={A-Z}' -- $words_of }
_kvm_regs_both() { _kvm_regs_words; $paths_of }
_nothing() { _message 'no more arguments' }
_kvm_regs() {
  local -a commands words_of
  local paths_of
  commands=(
${commands.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _kvm-regs ]]; then _kvm_regs "$@"; else compdef _kvm_regs kvm-regs; fi
`;
}

function zshOption(option: OptionName): string {
  const says = quoted(OPTIONS[option].says).replace(/[[\]:]/g, '\\$&');
  const values = valuesOf(option);
  if (values === null) return `--${option}[${says}]`;
  return `--${option}=[${says}]:${OPTIONS[option].value ?? ''}:${isPath(option) ? '_files' : `(${values.join(' ')})`}`;
}

function fishScript(): string {
  const top = COMMAND_NAMES.map(
    (name) => `complete -c kvm-regs -n __fish_use_subcommand -a ${name} -d '${fishQuoted(COMMANDS[name].summary)}'`,
  );
  const commands = COMMAND_NAMES.flatMap((name) => {
    const only = `complete -c kvm-regs -n '__fish_seen_subcommand_from ${name}'`;
    const paths = {
      files: '(__fish_complete_path (commandline -ct))',
      directories: '(__fish_complete_directories)',
      none: '',
    };
    const options = optionsOf(name).map((option) => {
      return `${only} -l ${option}${fishValue(option)} -d '${fishQuoted(OPTIONS[option].says)}'`;
    });
    const words = [...wordsOf(name), paths[pathsOf(name)]].filter((word) => word !== '');
    return [...options, ...(words.length > 0 ? [`${only} -a '${words.join(' ')}'`] : [])];
  });
  return `# fish completion of kvm-regs: kvm-regs completion fish > ~/.config/fish/completions/kvm-regs.fish
complete -c kvm-regs -f
complete -c kvm-regs -n __fish_use_subcommand -l help -d '${fishQuoted(OPTIONS.help.says)}'
complete -c kvm-regs -n __fish_use_subcommand -l version -d '${fishQuoted(OPTIONS.version.says)}'
${[...top, ...commands].join('\n')}
`;
}

/** What fish is told of an option's value: that there must be one, and what it can be. */
function fishValue(option: OptionName): string {
  const values = valuesOf(option);
  if (values === null) return '';
  return isPath(option) ? ' -r -F' : ` -x -a '${values.join(' ')}'`;
}

/** For single quotes of zsh. */
function quoted(text: string): string {
  return text.replace(/'/g, "'\\''");
}

/** For single quotes of fish. */
function fishQuoted(text: string): string {
  return text.replace(/[\\']/g, '\\$&');
}
