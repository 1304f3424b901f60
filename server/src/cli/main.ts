import process from 'node:process';
import { runCommand } from './commands.js';

// A reader that closes the pipe early (`kvm-regs refs . | head`) has had enough; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  isErrTerminal: process.stderr.isTTY,
  columns: process.stdout.columns,
  hasColour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
});
