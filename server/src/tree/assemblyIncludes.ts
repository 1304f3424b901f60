import type { KernelTree } from './findKernelTree.js';
import { joinedPath } from './joinedPath.js';
import { pathInside } from './relevantDirectories.js';

/** Where `<x.h>` is looked for in a whole kernel tree, in this order (LINUXINCLUDE in its top Makefile). */
const INCLUDE_DIRECTORIES = ['arch/x86/include', 'include', 'arch/x86/include/uapi', 'include/uapi'];

/** Headers of all architectures: `<linux/x.h>`, `<asm-generic/x.h>`. */
const COMMON_HEADERS = 'include';

/** What a header has that is for assembly: a part for it alone, a macro of the assembler's, a `#define` with a register. */
const FOR_ASSEMBLY =
  /__ASSEMBL(?:ER|Y)__|^[ \t]*\.macro\b|^[ \t]*#[ \t]*define\b(?:.*\\\r?\n)*.*%(?:_ASM_|r(?:[0-9]|[a-d]x|[sd]i|[sb]p)|e(?:[a-d]x|[sd]i|[sb]p)\b)/m;

/**
 * Headers outside of what was read that KVM's assembly files include, themselves or by way of other headers: those of the
 * architecture, and of the others, which are many and most of them C's, what has something for assembly or is of macros alone, as
 * linux/stringify.h is. `read` gives a file's text by its path in the tree; null where there is none to be read.
 */
export function assemblyIncludes(
  tree: KernelTree,
  files: ReadonlyMap<string, string>,
  read: (path: string) => string | null,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const textAt = (path: string) => files.get(path) ?? found.get(path) ?? read(path);
  /** The header that an include means, and whether it is read; null where there is none. */
  const headerOf = (from: string, include: Include) => {
    for (const path of candidates(tree, from, include)) {
      const text = textAt(path);
      if (text === null) continue;
      const isNear = (from.endsWith('.S') || found.has(from)) && !isCommon(path);
      const isForAssembly = isCommon(path)
        ? isOfMacros(text) || (!isCommon(from) && FOR_ASSEMBLY.test(text))
        : FOR_ASSEMBLY.test(text);
      return { path, text, isWanted: files.has(path) || isNear || isForAssembly };
    }
    return null;
  };
  const isCommon = (path: string) => isBelow(path, pathInside(tree.inside, COMMON_HEADERS));
  // A set's iteration goes on to what is added meanwhile.
  const reached = new Set([...files.keys()].filter((path) => path.endsWith('.S') && isBelow(path, tree.kvm)));
  for (const path of reached) {
    for (const include of includesForAssembly(textAt(path) ?? '')) {
      const header = headerOf(path, include);
      if (!header?.isWanted) continue;
      if (!files.has(header.path)) found.set(header.path, header.text);
      reached.add(header.path);
    }
  }
  return found;
}

/** Whether a header defines macros and has comments and directives alone, so that it is assembly's as much as C's. */
function isOfMacros(text: string): boolean {
  const lines = withoutComments(text).split(/(?<!\\)\n/);
  return lines.every((line) => /^(?:#|\/\/|$)/.test(line.trimStart())) && lines.some((line) => DEFINE.test(line));
}

const DEFINE = /^[ \t]*#[ \t]*define\b/;

function withoutComments(text: string): string {
  const [code = '', ...comments] = text.split('/*');
  return [code, ...comments.map(behindComment)].join(' ');
}

/** What stands behind the end of a comment; '' where it does not end there. */
function behindComment(text: string): string {
  const end = text.indexOf('*/');
  return end < 0 ? '' : text.slice(end + '*/'.length);
}

interface Include {
  /** Without the brackets: `asm/asm.h`. */
  readonly name: string;
  readonly isQuoted: boolean;
}

const DIRECTIVE = /^[ \t]*#[ \t]*(include|if|ifdef|ifndef|else|elif|endif)\b(.*)$/gm;

/** What a text includes, apart from what it has for the C compiler alone. */
function includesForAssembly(text: string): Include[] {
  const found: Include[] = [];
  /** The `#if`s around: whether they ask for the language, and whether the branch is C's alone. */
  const around: { readonly asks: boolean; readonly isForC: boolean }[] = [];
  for (const [, directive = '', rest = ''] of text.matchAll(DIRECTIVE)) {
    if (directive === 'include') {
      const [, quote, name] = /^\s*(["<])([\w./-]+)[">]/.exec(rest) ?? [];
      if (name !== undefined && !around.some(({ isForC }) => isForC)) found.push({ name, isQuoted: quote === '"' });
    } else if (directive.startsWith('if')) {
      const asks = /__ASSEMBL(?:ER|Y)__/.test(rest) && !rest.includes('||');
      around.push({ asks, isForC: asks && (directive === 'ifndef' || rest.includes('!')) });
    } else {
      const last = around.pop();
      if (last && directive !== 'endif') around.push({ ...last, isForC: last.asks && !last.isForC });
    }
  }
  return found;
}

/** The paths at which an include may be found, the nearest first. */
function candidates(tree: KernelTree, from: string, { name, isQuoted }: Include): string[] {
  const near = isQuoted ? [from.slice(0, Math.max(0, from.lastIndexOf('/'))), tree.kvm] : [];
  const directories = INCLUDE_DIRECTORIES.flatMap((directory) => pathInside(tree.inside, directory) ?? []);
  return [...near, ...directories].flatMap((directory) => joinedPath(directory, name) ?? []);
}

function isBelow(path: string, directory: string | undefined): boolean {
  return directory !== undefined && (directory === '' || path.startsWith(`${directory}/`));
}
