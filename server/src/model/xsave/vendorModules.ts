import { guardTruth, type Guard } from '../../syntax/conditions/guard.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import type { CallGraph } from '../callGraph.js';
import { folderOf, KVM_FOLDER, vendorsByFile } from '../vendorFiles.js';

/** The vendor modules that a tree has, and the one that a file's code is of; undefined for common code. */
export interface VendorModules {
  readonly vendors: readonly string[];
  readonly vendorOf: (file: string) => string | undefined;
  /** Whether conditions hold on no CPU that a module runs on. */
  readonly areOfOthers: (vendor: string, guards: readonly Guard[]) => boolean;
}

/**
 * KVM's vendor modules, by the backends that are vendors of their own. Backends with files in one folder are one module, as TDX is
 * part of VMX's: what one sets up is the other's as well. Host code that speaks with the TDX module, as there was before KVM ran
 * TDs (arch/x86/virt/vmx/tdx in Linux 6.8), is of no module.
 */
export function vendorModules({ backends }: TreeSymbols, graph: CallGraph): VendorModules {
  const byFile = new Map([...vendorsByFile(graph)(backends)].filter(([file]) => file.startsWith(`${KVM_FOLDER}/`)));
  const own = backends.filter(({ name, vendor }) => name === vendor).map(({ name }) => name);
  // Of a module whose sources are missing, headers may be there: what it sets up is not known.
  const present = own.filter((name) => [...byFile].some(([file, vendor]) => vendor === name && file.endsWith('.c')));
  const foldersOf = (name: string) =>
    new Set([...byFile].flatMap(([file, vendor]) => (vendor === name ? [folderOf(file)] : [])));
  const isWithin = (name: string, host: string) => {
    const folders = foldersOf(host);
    return [...foldersOf(name)].some((folder) => folders.has(folder) && folder !== KVM_FOLDER);
  };
  const moduleOf = (name: string) => present.find((host) => host === name || isWithin(name, host)) ?? name;
  // A file that names nothing of a vendor's is of the module whose folder it is in (vmx/main.c).
  const byFolder = new Map(
    present.flatMap((name) => [...foldersOf(name)].flatMap((at) => (at === KVM_FOLDER ? [] : [[at, name] as const]))),
  );
  const cpusOf = (vendor: string) => backends.find(({ name }) => name === vendor)?.cpus ?? [];
  const others = (vendor: string) =>
    backends.flatMap(({ cpus }) => cpus.filter((cpu) => !cpusOf(vendor).includes(cpu)));
  return {
    vendors: [...new Set(present.map(moduleOf))],
    areOfOthers: (vendor, guards) =>
      cpusOf(vendor).length > 0 && guards.some((guard) => isOfCpus(guard, new Set(others(vendor)))),
    vendorOf: (file) => {
      const vendor = byFile.get(file) ?? byFolder.get(folderOf(file));
      return vendor === undefined ? undefined : moduleOf(vendor);
    },
  };
}

/** Whether a guard holds on CPUs of these vendors alone: `case X86_VENDOR_INTEL`, `boot_cpu_data.x86_vendor == X86_VENDOR_INTEL`. */
function isOfCpus(guard: Guard, cpus: ReadonlySet<string>): boolean {
  if (guard.kind === 'case') return guard.labels.every((label) => label !== null && cpus.has(label));
  // What holds where the CPU is of none of them.
  const truth = guardTruth(guard, (atom) => {
    const isOne = atom.kind === 'comparison' && (cpus.has(atom.left) || cpus.has(atom.right));
    return isOne && /^[!=]=$/.test(atom.operator) ? atom.operator === '!=' : null;
  });
  return truth === false;
}
