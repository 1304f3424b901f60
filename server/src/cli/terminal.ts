import type { Request } from './commandLine.js';
import { requireUsage } from './commandError.js';
import type { Layout } from './lines.js';

/** What the program writes to, and what is known of it. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Columns of the terminal; undefined where stdout is none. */
  readonly columns: number | undefined;
  /** Whether the environment asks for plain text: NO_COLOR (https://no-color.org), or a terminal that can nothing else. */
  readonly isPlain: boolean;
}

/** Columns that text fits where stdout is no terminal. */
const USUAL_WIDTH = 80;

/** Fewer columns than these hold no table. */
const NARROWEST_WIDTH = 40;

/**
 * How text is laid out: by `--width` and `--color` where they are given, else by the terminal.
 * @throws CommandError for a width that is no number of columns.
 */
export function layoutOf(terminal: Terminal, options: Request['options']): Layout {
  const asked = options.get('width');
  const width = asked === undefined ? (terminal.columns ?? USUAL_WIDTH) : Number(asked);
  const isWidth = asked === undefined || (/^\d{1,5}$/.test(asked) && width >= NARROWEST_WIDTH);
  requireUsage(isWidth, `--width wants a number of columns, ${String(NARROWEST_WIDTH)} or more, not '${asked ?? ''}'`);
  const colour = options.get('color') ?? 'auto';
  const columns = Math.max(width, NARROWEST_WIDTH);
  return {
    width: columns,
    // Programs that read places from a pipe, such as `vim -q`, take a line for a place.
    placeWidth: asked === undefined && !terminal.isTerminal ? Infinity : columns,
    isBold: colour === 'always' || (colour === 'auto' && terminal.isTerminal && !terminal.isPlain),
  };
}
