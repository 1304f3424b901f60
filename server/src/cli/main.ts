import process from 'node:process';
import manifest from '../../package.json' with { type: 'json' };

const usage = `kvm-regs ${manifest.version}: where each KVM x86 guest register lives and what moves it

  kvm-regs --help       this text
  kvm-regs --version    the version
`;

const [argument] = process.argv.slice(2);
if (argument === '--version') {
  process.stdout.write(`${manifest.version}\n`);
} else if (argument === undefined || argument === '--help') {
  process.stdout.write(usage);
} else {
  process.stderr.write(`kvm-regs: unknown command '${argument}' (see kvm-regs --help)\n`);
  process.exitCode = 2;
}
