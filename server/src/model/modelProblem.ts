/** Something that could not be read soundly. */
export interface ModelProblem {
  readonly file: string;
  readonly line: number | null;
  readonly message: string;
  /** Of sources that are missing: the files of the same module, which tell whose they are. */
  readonly builtWith?: readonly string[];
}
