/** One setting of section `kvmRegs`, as package.json contributes it and docs/settings.md tells it. */
export type Setting =
  | { readonly key: string; readonly type: 'boolean'; readonly default: boolean; readonly description: string }
  | {
      readonly key: string;
      readonly type: 'string[]';
      readonly default: readonly string[];
      readonly description: string;
    }
  | {
      /** Name -> one of {@link SEVERITY_NAMES}. */
      readonly key: string;
      readonly type: 'severities';
      readonly default: Readonly<Record<string, string>>;
      readonly description: string;
    };

/** How a finding can be shown. */
export const SEVERITY_NAMES: readonly string[] = ['off', 'hint', 'info', 'warning', 'error'];

/** Every setting that the server reads: the one schema. A test holds package.json and docs/settings.md to it. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'hover.enable',
    type: 'boolean',
    default: true,
    description: 'Hovers on registers, accessors and what moves them.',
  },
  {
    key: 'codeLens.enable',
    type: 'boolean',
    default: true,
    description: 'Lenses above register enumerators, accessors, world switches and functions that move registers.',
  },
  {
    key: 'codeLens.everyFunction',
    type: 'boolean',
    default: false,
    description: 'A lens above every function that reads or writes a register, not only above those that move one.',
  },
  {
    key: 'inlayHints.enable',
    type: 'boolean',
    default: false,
    description: "Inlay hints: a register set's members where it is used, a case label's owner.",
  },
  {
    key: 'definition.enable',
    type: 'boolean',
    default: true,
    description: 'Go to Definition and Declaration, where more is known than a C indexer can know.',
  },
  {
    key: 'implementation.enable',
    type: 'boolean',
    default: true,
    description: 'Go to Implementations: the code that brings a register into the cache.',
  },
  {
    key: 'references.enable',
    type: 'boolean',
    default: true,
    description: 'References to registers in C and assembly, through accessors, macros and sets.',
  },
  {
    key: 'documentHighlight.enable',
    type: 'boolean',
    default: true,
    description: "Highlights of the register under the cursor, read or written, in the file's other places.",
  },
  {
    key: 'workspaceSymbols.enable',
    type: 'boolean',
    default: true,
    description: 'Registers, accessors and world-switch functions in Go to Symbol in Workspace.',
  },
  {
    key: 'check.enable',
    type: 'boolean',
    default: true,
    description:
      'What `kvm-regs check` finds in open files, as diagnostics: mistakes in register tracking, and what holds fewer than 32 GPRs.',
  },
  {
    key: 'check.severity',
    type: 'severities',
    default: {},
    description:
      'How findings are shown, by family or by rule: `{ "apx": "off", "tracking": "warning" }`; a rule goes before its family. The rules: `kvm-regs rules`.',
  },
  {
    key: 'backends',
    type: 'string[]',
    default: [],
    description: 'The backends that answers tell of, `["svm"]` for example; all that the tree has when empty.',
  },
];
