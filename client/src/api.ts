import type { Location, Uri } from 'vscode';

/** What `extensions.getExtension('kvm-register-lens.kvm-register-lens').exports` is. */
export interface KvmRegisterLens {
  /** The API of a version, which never changes once released. Throws for a version that this extension lacks. */
  getApi(version: 1): RegisterApi;
}

/** Version 1. */
export interface RegisterApi {
  /**
   * Where a register is kept while the guest runs, for each backend.
   * @param register any name that the tree or the architecture has for it: `RSP`, `rsp`, `VCPU_REGS_RSP`, `R16`
   * @param file a file in the tree that is meant, where the window has several
   * @returns null where there is no KVM tree, or no such register
   */
  owner(register: string, file?: Uri): Promise<readonly RegisterOwner[] | null>;

  /**
   * Every place where a register is named, in C and assembly. Parameters as those of {@link owner}.
   * @returns null where there is no KVM tree, or no such register
   */
  references(register: string, file?: Uri): Promise<readonly Location[] | null>;
}

/** Where a register is kept, for one backend. */
export interface RegisterOwner {
  /** `vmx`, `svm`, `sev-es`, `tdx`, or another that the tree has. */
  readonly backend: string;
  /** `switched`, `eager`, `lazy`, `direct`, `intercepted`, `partial`, `protected`, `xsave`, `none` or `unknown`: see the README. */
  readonly sync: string;
  /** The answer in a line. */
  readonly label: string;
  /** How it gets to KVM's register cache. */
  readonly detail: string;
  /** The code that moves it: what brings it there, best first, then what takes it back. */
  readonly locations: readonly Location[];
}
