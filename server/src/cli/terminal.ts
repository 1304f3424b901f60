/** Where a command writes to. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Columns of the terminal; undefined where output is no terminal. */
  readonly columns: number | undefined;
  readonly hasColour: boolean;
}

/** Bold on a terminal with colours, plain elsewhere. */
export function boldOn(terminal: Terminal): (text: string) => string {
  return terminal.hasColour ? (text) => `\u001b[1m${text}\u001b[0m` : (text) => text;
}
