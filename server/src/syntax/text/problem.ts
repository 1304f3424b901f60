/** Something in a file that could not be read soundly. The facts around it still stand. */
export interface Problem {
  /** 0-based offset into the file's text, UTF-16 code units. */
  readonly offset: number;
  /** What is wrong, in a sentence that a person can act on. */
  readonly message: string;
}
