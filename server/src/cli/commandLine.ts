import { parseArgs } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import type { RuleFamily } from '../check/finding.js';

/** What `kvm-regs --help` says. */
export const USAGE = `kvm-regs ${manifest.version}: where each KVM x86 guest register lives and what moves it

  kvm-regs map TREE [--json | --markdown]              the register map, for every backend
  kvm-regs map TREE --html FILE [--source-url URL]     the same as one page, with each register's provenance graph
  kvm-regs refs TREE [REGISTER ...] [--json]           every reference to a register
  kvm-regs owner TREE REGISTER [--backend B] [--json]  where it comes from and goes to
  kvm-regs owner TREE REGISTER --dot | --mermaid       the same as a graph, for Graphviz or Mermaid
  kvm-regs timeline TREE [--backend B] [--json]        a run step by step: before VM-entry, after VM-exit
  kvm-regs explain TREE FILE:LINE[:COLUMN] [--json]    what stands there, with evidence
  kvm-regs xsave TREE [--json | --markdown]            XSAVE components, XCR0, XSS, PKRU: who switches and copies them
  kvm-regs check TREE [--tracking | --apx] [--json]    register-tracking mistakes, APX readiness
  kvm-regs rules                                       what check looks for, rule by rule (Markdown)
  kvm-regs lsp [--stdio | --node-ipc | --socket=PORT]  the language server, for editors
  kvm-regs --help | --version

TREE      a Linux kernel tree, any directory in it, or a copy of its arch/x86/kvm
REGISTER  VCPU_REGS_RAX, RAX, rax, VCPU_REG_CR3, R16, ...; for owner also XCR0, PKRU, XFEATURE_YMM, ...
FILE      relative to the tree's root or to the current directory; lines and columns from 1, columns in bytes
URL       where a line of the source is shown: https://HOST/PATH/{file}#L{line}
B         vmx, svm, sev-es, tdx, or another that the tree has

Nothing is built or configured, and nothing written but the FILE of --html; only the KVM part of the tree is read.
Exit status: 0 done, 1 tracking mistakes found by check, 2 wrong usage or no KVM in TREE.
`;

/** What the program is asked for, as its arguments say. */
export interface Request {
  readonly command: string;
  readonly tree: string;
  readonly rest: readonly string[];
  readonly json: boolean;
  readonly markdown: boolean;
  readonly backend: string | null;
  /** The file that the map's page goes to; null where none is asked for. */
  readonly html: string | null;
  readonly sourceUrl: string | null;
  readonly dot: boolean;
  readonly mermaid: boolean;
  /** The rules that check is limited to; null for all. */
  readonly family: RuleFamily | 'both' | null;
}

/** A wrong use of a command; the message says how to use it. */
export class UsageError extends Error {}

/** Reads the program's arguments. Whether a command has what it wants is for the command to say. */
export function readRequest(args: readonly string[]): Request | 'help' | 'version' | 'rules' | 'lsp' {
  if (args[0] === 'lsp') return args.includes('--help') ? 'help' : 'lsp';
  const { values, positionals } = parseCommandLine(args);
  if (values.version === true) return 'version';
  const [command, tree, ...rest] = positionals;
  if (values.help === true || command === undefined) return 'help';
  if (command === 'rules') return 'rules';
  if (tree === undefined) throw new UsageError(`${command} wants a TREE (see kvm-regs --help)`);
  return {
    command,
    tree,
    rest,
    json: values.json === true,
    markdown: values.markdown === true,
    backend: values.backend ?? null,
    html: values.html ?? null,
    sourceUrl: values['source-url'] ?? null,
    dot: values.dot === true,
    mermaid: values.mermaid === true,
    family: familyOf(values),
  };
}

function familyOf({ tracking, apx }: { tracking?: boolean; apx?: boolean }): Request['family'] {
  if (tracking === true && apx === true) return 'both';
  if (tracking === true) return 'tracking';
  return apx === true ? 'apx' : null;
}

function parseCommandLine(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        markdown: { type: 'boolean' },
        backend: { type: 'string' },
        html: { type: 'string' },
        'source-url': { type: 'string' },
        dot: { type: 'boolean' },
        mermaid: { type: 'boolean' },
        tracking: { type: 'boolean' },
        apx: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)} (see kvm-regs --help)`);
  }
}
