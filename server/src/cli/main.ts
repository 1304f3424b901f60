import process from 'node:process';
import { runCommand } from './commands.js';
import { ExitStatus } from './exitStatus.js';
import { printable } from '../explain/printable.js';

/** Says of a fault what is known, if that can still be said, and ends the program. */
function fail(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`kvm-regs: a fault of the program: ${text.split('\n').map(printable).join('\n')}\n`);
  process.exit(ExitStatus.fault);
}

process.on('uncaughtException', fail);
// What cannot be said on stderr is lost; that changes nothing of the answer.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that closes the pipe early (`kvm-regs refs . | head`) has had enough; the status stays what it is.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`kvm-regs: the answer could not be written: ${printable(error.message)}\n`);
  process.exit(ExitStatus.fault);
});

const { columns } = process.stdout;
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  isErrTerminal: process.stderr.isTTY,
  // A terminal that does not know its size says 0.
  columns: columns > 0 ? columns : undefined,
  isPlain: (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb',
}).catch(fail);
