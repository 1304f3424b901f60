/** What a comment in a source file says about the token above it. */
export interface Mark {
  readonly file: string;
  /** Of the token, 1-based. */
  readonly line: number;
  /** Where the token begins, 1-based, in UTF-8 bytes (a tab is one). */
  readonly column: number;
  /** Of the token, in bytes. */
  readonly length: number;
  /** What is said of it, `ref VCPU_REGS_RSP read`. */
  readonly text: string;
}

/**
 * The marks in a source file. A mark is a comment on a line of its own that underlines a token of the code line above it:
 * slashes and carets stand in the token's columns, so the line's indent has the bytes of the code before the token, with a tab
 * where that has a tab. Marks that follow one another speak of the same code line.
 *
 *     \tkvm_rsp_write(vcpu, regs->rsp);
 *     \t//^^^^^^^^^^^ ref VCPU_REGS_RSP write
 */
export function readMarks(file: string, text: string): Mark[] {
  const marks: Mark[] = [];
  let codeLine = 0;
  text.split('\n').forEach((content, index) => {
    const [, indent, underline, said] = /^([ \t]*)(\/\/\^+) (.*\S)\s*$/.exec(content) ?? [];
    if (indent === undefined || underline === undefined || said === undefined) codeLine = index + 1;
    else marks.push({ file, line: codeLine, column: indent.length + 1, length: underline.length, text: said });
  });
  return marks;
}
