/** A list of a Makefile: `kvm-intel-y += vmx/vmx.o vmx/vmenter.o`. */
export interface MakefileList {
  /** As written, without a condition: `kvm-intel`, `obj` of `obj-$(CONFIG_KVM)`. */
  readonly name: string;
  readonly words: readonly string[];
  /** 1-based. */
  readonly line: number;
}

/** What a Makefile says of objects. Conditions (`ifdef`) are not asked: what is built in any configuration counts. */
export interface Makefile {
  readonly lists: readonly MakefileList[];
  /** `include` lines' files, variables replaced, `$(srctree)/` left off. */
  readonly includes: readonly string[];
  /** What it has rules to make. */
  readonly targets: readonly string[];
}

/** Reads a kbuild Makefile (Documentation/kbuild/makefiles.rst). Takes any text. */
export function readMakefile(text: string): Makefile {
  const variables = new Map([
    ['srctree', '.'],
    ['src', '.'],
    ['obj', '.'],
  ]);
  const lists: MakefileList[] = [];
  const includes: string[] = [];
  const targets: string[] = [];
  for (const { text: line, number } of logicalLines(text)) {
    const include = /^-?include\s+(.+)/.exec(line)?.[1];
    const [, name = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
    const list = LIST.exec(name)?.[1];
    if (include !== undefined) includes.push(...wordsOf(include, variables));
    else if (list !== undefined) lists.push({ name: list, words: wordsOf(value, variables), line: number });
    else if (/^\w+$/.test(name)) variables.set(name, value.trim());
    else if (name === '') targets.push(...wordsOf(/^([^:=]+):/.exec(line)?.[1] ?? '', variables));
  }
  return { lists, includes, targets };
}

/** `NAME = value` with any of make's ways to assign (GNU make manual, 6.5). */
const ASSIGNMENT = /^([\w.-]+(?:\$\(\w+\))?)\s*[:+?]{0,3}=(.*)/;

/** Lists of objects: `x-y`, `x-m`, `x-objs`, `x-$(CONFIG_Y)`. */
const LIST = /^(.+)-(?:y|m|objs|\$\(\w+\))$/;

/** The lines without comments and recipes, those that end in a backslash joined to the next. */
function logicalLines(text: string): { readonly text: string; readonly number: number }[] {
  const lines: { text: string; readonly number: number }[] = [];
  let isGoingOn = false;
  text.split(/\r?\n/).forEach((raw, i) => {
    if (raw.startsWith('\t') && !isGoingOn) return;
    const [line = ''] = raw.split('#', 1);
    const last = lines.at(-1);
    const part = line.replace(/\\$/, ' ');
    if (isGoingOn && last) last.text += part;
    else lines.push({ text: part.trimStart(), number: i + 1 });
    isGoingOn = line.endsWith('\\');
  });
  return lines;
}

/** The words of a value, with variables and `$(addprefix ...)` replaced; words that other functions make are left out. */
function wordsOf(value: string, variables: ReadonlyMap<string, string>): string[] {
  const replaced = value
    .replace(/\$\((\w+)\)/g, (use, name: string) => variables.get(name) ?? use)
    .replace(/\$\(addprefix\s+([^\s,()][^,()]*),([^()]*)\)/g, (_, prefix: string, list: string) =>
      splitWords(list)
        .map((word) => prefix.trim() + word)
        .join(' '),
    );
  return splitWords(replaced).filter((word) => !/[$()]/.test(word));
}

function splitWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
