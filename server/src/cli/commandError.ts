import { ExitStatus } from './exitStatus.js';
import { printable } from '../explain/printable.js';

/** Why a command cannot answer: a line for stderr that says what was looked for and where, and the exit status. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly status: ExitStatus = ExitStatus.usage,
  ) {
    super(message);
  }
}

/** @throws CommandError with this message where something is not so. */
export function requireUsage(isSo: boolean, message: string): void {
  if (!isSo) throw new CommandError(message);
}

/** The line on stderr that says what is wrong. */
export function errorLine(message: string): string {
  return `${printable(`kvm-regs: ${message}`)}\n`;
}
