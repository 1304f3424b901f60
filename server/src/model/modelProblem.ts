/** Something that could not be read soundly. */
export interface ModelProblem {
  readonly file: string;
  readonly line: number | null;
  readonly message: string;
}
