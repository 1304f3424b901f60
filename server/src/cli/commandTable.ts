/**
 * What the program understands, as data: arguments are read by it, and the help, the manual page and the shells' completions are
 * made of it.
 */

/** What an argument of a command is. */
export type OperandName = 'TREE' | 'REGISTER' | 'POSITION' | 'COMMAND' | 'SHELL';

export interface Operand {
  readonly name: OperandName;
  readonly count: 'one' | 'optional' | 'any';
}

export type OptionName =
  | 'json'
  | 'markdown'
  | 'backend'
  | 'tracking'
  | 'apx'
  | 'all'
  | 'html'
  | 'source-url'
  | 'dot'
  | 'mermaid'
  | 'no-cache'
  | 'clear'
  | 'stdio'
  | 'node-ipc'
  | 'socket'
  | 'pipe'
  | 'clientProcessId'
  | 'color'
  | 'width'
  | 'help'
  | 'version';

interface OptionEntry {
  /** What its value is called; null for an option without one. */
  readonly value: string | null;
  /** All that its value can be; null where that is not ours to say. */
  readonly values: readonly string[] | null;
  readonly says: string;
}

export const OPTIONS: Readonly<Record<OptionName, OptionEntry>> = {
  json: { value: null, values: null, says: 'one JSON document, and nothing else on stdout' },
  markdown: { value: null, values: null, says: 'Markdown tables' },
  backend: { value: 'B', values: null, says: 'only this backend: vmx, svm, sev-es, tdx, or another that the tree has' },
  tracking: { value: null, values: null, says: 'only mistakes in register tracking' },
  apx: { value: null, values: null, says: 'only what holds fewer than 32 general-purpose registers' },
  all: { value: null, values: null, says: 'also every move, reference and caller, which are otherwise left out' },
  html: { value: 'FILE', values: null, says: "write the map as one page, with each register's provenance graph" },
  'source-url': {
    value: 'URL',
    values: null,
    says: 'where a line of the source is shown: https://HOST/PATH/{file}#L{line}',
  },
  dot: { value: null, values: null, says: 'a graph for Graphviz' },
  mermaid: { value: null, values: null, says: 'a graph for Mermaid' },
  'no-cache': { value: null, values: null, says: 'read the tree whether its answer is kept or not, and keep none' },
  clear: { value: null, values: null, says: 'remove what is kept' },
  stdio: { value: null, values: null, says: 'speak on stdin and stdout' },
  'node-ipc': { value: null, values: null, says: 'speak over the IPC channel of a Node.js parent' },
  socket: { value: 'PORT', values: null, says: 'connect to a client that listens on this port of localhost' },
  pipe: { value: 'NAME', values: null, says: 'connect to a client that listens on this pipe' },
  clientProcessId: { value: 'PID', values: null, says: 'end when this process is gone' },
  color: {
    value: 'WHEN',
    values: ['auto', 'always', 'never'],
    says: 'bold headings: auto (on a terminal, and not where NO_COLOR is set), always or never',
  },
  width: {
    value: 'N',
    values: null,
    says: "columns that text fits, 40 or more; the terminal's without it, 80 where output is no terminal",
  },
  help: { value: null, values: null, says: 'help on the program or on a command' },
  version: { value: null, values: null, says: 'the version' },
};

/** Options of every command that lays a tree's answer out as text. */
const LAYOUT: readonly OptionName[] = ['color', 'width', 'no-cache'];

/** What each argument is, for help. */
export const OPERANDS: Readonly<Record<OperandName, { readonly title: string; readonly says: string }>> = {
  TREE: {
    title: 'TREE',
    says: 'a Linux kernel tree, any directory in it, or a copy of its arch/x86/kvm; without it, the tree around the current directory',
  },
  REGISTER: {
    title: 'REGISTER',
    says: 'any name that the tree or the architecture has for it: VCPU_REGS_RAX, RAX, rax, VCPU_REG_CR3, R16; for owner also XSAVE state: XCR0, PKRU, XFEATURE_YMM',
  },
  POSITION: {
    title: 'FILE:LINE[:COLUMN]',
    says: "FILE from the tree's root or from the current directory, or as much of the end of its path as no other file has; lines and columns count from 1, columns in bytes",
  },
  COMMAND: { title: 'COMMAND', says: 'a command of kvm-regs' },
  SHELL: { title: 'SHELL', says: 'bash, zsh or fish' },
};

interface Example {
  readonly command: string;
  readonly says: string;
}

export interface CommandEntry {
  readonly operands: readonly Operand[];
  readonly options: readonly OptionName[];
  /** In a list of commands. */
  readonly summary: string;
  /** What else there is to know of it. */
  readonly about: string;
  readonly examples: readonly Example[];
}

const TREE: Operand = { name: 'TREE', count: 'optional' };

/** The commands that read a tree. */
export type TreeCommand = 'map' | 'owner' | 'timeline' | 'refs' | 'explain' | 'xsave' | 'check';

export type CommandName = TreeCommand | 'rules' | 'cache' | 'lsp' | 'completion' | 'help';

/** Every command, in the order of the help. */
export const COMMANDS: Readonly<Record<CommandName, CommandEntry>> = {
  map: {
    operands: [TREE],
    options: ['json', 'markdown', 'html', 'source-url', ...LAYOUT],
    summary: 'the register map: where each register is, for every backend',
    about:
      'A row for each register, a column for each backend (VMX, SVM, SEV-ES, TDX). A cell says how the register is kept and where it is while the guest runs. A wider terminal shows more of long names.',
    examples: [
      { command: 'kvm-regs map', says: 'of the tree around the current directory' },
      { command: 'kvm-regs map ~/linux --markdown', says: 'as a table for a mail or a page' },
      { command: 'kvm-regs map ~/linux --html map.html', says: 'as a page that needs no network' },
    ],
  },
  owner: {
    operands: [TREE, { name: 'REGISTER', count: 'one' }],
    options: ['backend', 'json', 'dot', 'mermaid', ...LAYOUT],
    summary: 'where a register comes from and goes to',
    about:
      'For each backend a sentence, then what fills the register cache (load) and what empties it (store), as lines that editors jump from.',
    examples: [
      { command: 'kvm-regs owner RSP --backend vmx', says: "what moves RSP on Intel's" },
      { command: 'kvm-regs owner ~/linux PKRU', says: 'who switches and copies PKRU' },
      {
        command: 'kvm-regs owner CR3 --backend vmx --dot | dot -Tsvg > cr3.svg',
        says: 'its places and moves as a picture',
      },
      { command: 'vim -q <(kvm-regs owner CR3)', says: 'go through the places in vim' },
    ],
  },
  timeline: {
    operands: [TREE],
    options: ['backend', 'json', ...LAYOUT],
    summary: 'a run step by step: before VM-entry, after VM-exit',
    about:
      'The steps from the function of common code that enters a guest to the exit handler, in order: what each loads, stores and invalidates.',
    examples: [{ command: 'kvm-regs timeline --backend svm', says: "a run on AMD's" }],
  },
  refs: {
    operands: [TREE, { name: 'REGISTER', count: 'any' }],
    options: ['json', 'no-cache'],
    summary: 'every reference to registers, of all when none is named',
    about:
      'A line for each place: FILE:LINE:COLUMN: kind register via function. References in C and assembly, through generated accessors, macros and sets. A line is never wrapped.',
    examples: [
      { command: 'kvm-regs refs RAX RBX', says: 'of two registers' },
      { command: 'kvm-regs refs ~/linux VCPU_REG_CR3 --json', says: 'with the conditions that each is under' },
    ],
  },
  explain: {
    operands: [TREE, { name: 'POSITION', count: 'one' }],
    options: ['all', 'json', ...LAYOUT],
    summary: "what stands there, with evidence: an editor's hover as text",
    about:
      'Without a column, the first of the line that something is known of. TREE may be left out where FILE is in one.',
    examples: [
      { command: 'kvm-regs explain vmx/vmenter.S:66', says: 'a line of assembly' },
      { command: 'kvm-regs explain ~/linux arch/x86/kvm/cpuid.c:2169:10', says: 'an accessor' },
    ],
  },
  xsave: {
    operands: [TREE],
    options: ['json', 'markdown', ...LAYOUT],
    summary: 'XSAVE components, XCR0, XSS, PKRU: who switches and copies them',
    about: 'What guests may enable, then each step around VM-entry and VM-exit in order, and what ioctls copy.',
    examples: [{ command: 'kvm-regs xsave | less', says: 'of the tree around the current directory' }],
  },
  check: {
    operands: [TREE],
    options: ['tracking', 'apx', 'json', ...LAYOUT],
    summary: 'mistakes in register tracking, and APX readiness',
    about:
      'Ends with 1 where it finds mistakes in register tracking, with 3 where a file that matters could not be read: then what it says is of the rest alone.',
    examples: [
      { command: 'kvm-regs check --tracking', says: 'mistakes only, for a hook or CI' },
      { command: 'kvm-regs check ~/linux --apx', says: 'what a series for R16-R31 has left to do' },
    ],
  },
  rules: {
    operands: [],
    options: [],
    summary: 'what check looks for, rule by rule (Markdown)',
    about: 'The same page as docs/checks.md.',
    examples: [{ command: 'kvm-regs rules | less', says: 'read them' }],
  },
  cache: {
    operands: [],
    options: ['clear', 'json'],
    summary: 'where answers are kept, and how much of them',
    about:
      'An answer is kept, and given again as long as the program and all that it reads of the tree are the same. What was not used for the longest goes when there is more than KVM_REGS_CACHE_LIMIT megabytes, 200 without it; 0 keeps nothing.',
    examples: [{ command: 'kvm-regs cache --clear', says: 'remove all of it' }],
  },
  lsp: {
    operands: [],
    options: ['stdio', 'node-ipc', 'socket', 'pipe', 'clientProcessId'],
    summary: 'the language server, for editors',
    about:
      'Speaks the Language Server Protocol until its client goes. docs/editors.md has the set-up of several editors.',
    examples: [{ command: 'kvm-regs lsp --stdio', says: 'as editors start it' }],
  },
  completion: {
    operands: [{ name: 'SHELL', count: 'one' }],
    options: [],
    summary: 'what makes a shell complete commands, options and registers',
    about: 'Prints a script for bash, zsh or fish.',
    examples: [
      { command: 'source <(kvm-regs completion bash)', says: 'in ~/.bashrc' },
      { command: 'kvm-regs completion zsh > ~/.zfunc/_kvm-regs', says: "a directory of zsh's fpath" },
      { command: 'kvm-regs completion fish > ~/.config/fish/completions/kvm-regs.fish', says: 'once' },
    ],
  },
  help: {
    operands: [{ name: 'COMMAND', count: 'optional' }],
    options: [],
    summary: 'help on the program or on a command',
    about: 'kvm-regs COMMAND --help says the same.',
    examples: [{ command: 'kvm-regs help owner', says: 'how owner is used' }],
  },
};

/** The commands' names, in the order of the help. */
export const COMMAND_NAMES = Object.keys(COMMANDS).filter(isCommandName);

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** Shells that there is a completion for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `kvm-regs owner [TREE] REGISTER [--backend B] [--json] ...`, without the options of every command. */
export function synopsisOf(name: CommandName): string {
  const { operands, options } = COMMANDS[name];
  return ['kvm-regs', name, ...operands.map(operandText), ...options.map((option) => `[${optionText(option)}]`)].join(
    ' ',
  );
}

function operandText({ name, count }: Operand): string {
  const { title } = OPERANDS[name];
  return { one: title, optional: `[${title}]`, any: `[${title} ...]` }[count];
}

/** `--backend B` */
export function optionText(option: OptionName): string {
  const { value } = OPTIONS[option];
  return value === null ? `--${option}` : `--${option} ${value}`;
}
