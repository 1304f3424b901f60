import { expect } from 'vitest';
import { APX_RULES } from '../../../server/src/check/apx/apxRules.js';
import { checkTree } from '../../../server/src/check/checkTree.js';
import { lineAt } from '../../../server/src/syntax/text/sourceText.js';
import { modelOf } from '../../engine.js';
import { CODE } from '../../facts/fixture.js';

/** The numbers of the registers from R8 to one. */
function upTo(last: number): number[] {
  return Array.from({ length: Math.max(0, last - 7) }, (_, i) => i + 8);
}

/** A register cache of a 64-bit kernel with GPRs up to one, an emulator's copy, and what reads and writes them by number. */
export function registers(last = 15): Readonly<Record<string, string>> {
  return {
    'arch/x86/include/asm/kvm_host.h': `
enum kvm_reg {
	VCPU_REGS_RAX = 0,
	VCPU_REGS_RCX,
	VCPU_REGS_RDX,
	VCPU_REGS_RBX,
	VCPU_REGS_RSP,
	VCPU_REGS_RBP,
	VCPU_REGS_RSI,
	VCPU_REGS_RDI,
${upTo(last)
  .map((n) => `	VCPU_REGS_R${String(n)},\n`)
  .join('')}	NR_GPRS,
	VCPU_REG_RIP = NR_GPRS,
	VCPU_REG_CR3,
	NR_ALL_REGS,
};
struct kvm_vcpu_arch {
	unsigned long regs[32];
	DECLARE_BITMAP(regs_avail, NR_ALL_REGS); DECLARE_BITMAP(regs_dirty, NR_ALL_REGS);
	unsigned long cr3;
	int msr_reg;
};
struct kvm_vcpu {
	struct kvm_vcpu_arch arch;
};
`,
    'arch/x86/kvm/regs.h': `
static inline unsigned long kvm_register_read(struct kvm_vcpu *vcpu, int reg)
{
	return vcpu->arch.regs[reg];
}
static inline void kvm_register_write(struct kvm_vcpu *vcpu, int reg, unsigned long val)
{
	vcpu->arch.regs[reg] = val;
}
`,
  };
}

/** Said of the enum of most fixtures, which has 16 GPRs. */
const OF_THE_ENUM = 'VCPU_REGS_R15 is the last';

/**
 * Holds what is found in files of a tree with {@link registers} to their marks: a comment `apx/bound: 16` says that its
 * line has that finding, on that text. There must be no other.
 */
export async function expectMarks(files: Readonly<Record<string, string>> | string, base = registers()): Promise<void> {
  const own = typeof files === 'string' ? { [CODE]: files } : files;
  const model = await modelOf({ ...base, ...own });
  const found = checkTree(model, APX_RULES).flatMap(({ file, span, rule, message }) => {
    const source = model.files.get(file)?.source;
    if (!source || message.startsWith(OF_THE_ENUM)) return [];
    return [`${file}:${String(lineAt(source, span.start))} ${rule}: ${source.text.slice(span.start, span.end)}`];
  });
  const marked = Object.entries(own).flatMap(([file, text]) =>
    text
      .split('\n')
      .flatMap((line, i) =>
        [...line.matchAll(/\/\* (apx\/[\w-]+: .*?) \*\//g)].map(([, mark]) => `${file}:${String(i + 1)} ${mark ?? ''}`),
      ),
  );
  expect(found.toSorted()).toEqual(marked.toSorted());
}
