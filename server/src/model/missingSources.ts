import type { ModelProblem } from './modelProblem.js';

/** A module that KVM's Makefile builds, and what of it the tree lacks. Paths are relative to the tree's root. */
export interface ModuleText {
  readonly name: string;
  /** Those of its sources that are there. */
  readonly sources: readonly string[];
  readonly missing: readonly {
    readonly object: string;
    /** It is of code for all architectures, so it moves no register of x86. */
    readonly isShared: boolean;
    readonly makefile: string;
    /** 1-based. */
    readonly line: number;
  }[];
}

/** The modules of which sources are missing, as problems. */
export function missingSources(modules: readonly ModuleText[]): ModelProblem[] {
  return modules.flatMap((module): ModelProblem[] => {
    const [first] = module.missing;
    if (!first) return [];
    return [{ file: first.makefile, line: first.line, message: messageOf(module), builtWith: filesBeside(module) }];
  });
}

function messageOf({ name, sources, missing }: ModuleText): string {
  const objects = missing.map(({ object }) => object).join(' ');
  if (sources.length > 0) return `${name} is built of ${objects} too, of which this tree has no source`;
  return `no source of ${name} is in this tree (${objects}): if that is a backend, nothing is known of it`;
}

function filesBeside({ sources, missing }: ModuleText): readonly string[] {
  return missing.every(({ isShared }) => isShared) ? [] : sources;
}
