import type { StageListener } from '../model/readTree.js';
import type { Terminal } from './terminal.js';

/** A wait shorter than this needs no word. Milliseconds. */
const PROGRESS_DELAY_MS = 500;

/** Says on a terminal's stderr what goes on when it takes long, and takes the line back in the end. */
export function progressLine(terminal: Terminal): { readonly stage: StageListener; readonly done: () => void } {
  const began = performance.now();
  let shown = false;
  return {
    stage: (stage) => {
      if (performance.now() - began < PROGRESS_DELAY_MS) return;
      terminal.err(
        terminal.isErrTerminal
          ? `\r\u001b[Kreading the tree: ${stage} ...`
          : shown
            ? ''
            : 'kvm-regs: reading the tree ...\n',
      );
      shown = true;
    },
    done: () => {
      if (shown && terminal.isErrTerminal) terminal.err('\r\u001b[K');
    },
  };
}
