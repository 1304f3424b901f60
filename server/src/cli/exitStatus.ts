/** The program's exit statuses: docs/exit-status.md. Scripts rely on them. */
export const ExitStatus = {
  /** The answer is given. */
  done: 0,
  /** `check` found mistakes in register tracking. Nothing else ends so. */
  findings: 1,
  /** Wrong usage, or no KVM in TREE: a line on stderr says what was looked for and where. */
  usage: 2,
  /** A file that matters could not be read, so what it holds is not judged. */
  notJudged: 3,
  /** A fault of the program, or its answer could not be written. */
  fault: 70,
} as const;

export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];
