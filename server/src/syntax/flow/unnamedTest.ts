import type { AsmInstruction } from '../assembler/instruction.js';
import type { AsmOperand, AsmRegister } from '../assembler/operand.js';
import { operandText } from '../assembler/operandText.js';
import type { ConditionGuard } from '../conditions/guard.js';
import { instructionEffect } from '../x86/mnemonics.js';
import type { FlowNode } from './controlFlowGraph.js';

/** Instructions that only tell the status flags of their operands, so that a branch behind them is a test of those. */
const TESTS: ReadonlySet<string> = new Set(['test', 'bt', 'cmp']);

/**
 * What holds where the branch at a node is not taken, of one that tests what has no name: told as written, `!(je after testl
 * $1, %esi)`. Null where something else set the flags: how VM-entry went is one such.
 */
export function unnamedTest(nodes: readonly FlowNode[], at: number): ConditionGuard | null {
  const branch = nodes[at]?.instruction;
  const test = branch ? testBefore(nodes, at) : null;
  if (!branch || !test) return null;
  const text = `${branch.mnemonic} after ${test.mnemonic} ${test.operands.map((operand) => operandText(operand, expressionOf)).join(', ')}`;
  return { kind: 'flag', condition: { kind: 'other', text, words: test.operands.flatMap(wordsOf) }, negated: true };
}

/** The test whose flags a branch has, where no jump leads to between. */
function testBefore(nodes: readonly FlowNode[], branch: number): AsmInstruction | null {
  for (let at = branch; at > 0; at--) {
    if ((nodes[at]?.instruction?.labels.length ?? 0) > 0) return null;
    const before = nodes[at - 1]?.instruction;
    const effect = before ? instructionEffect(before.mnemonic) : null;
    if (!before || !effect) return null;
    if (!effect.keepsFlags) return TESTS.has(effect.name) ? before : null;
  }
  return null;
}

function wordsOf(operand: AsmOperand): string[] {
  const expression =
    operand.kind === 'memory' ? operand.displacement : operand.kind === 'register' ? null : operand.expression;
  return expression?.names.map(({ name }) => name) ?? [];
}

function expressionOf({ name, inline }: AsmRegister): string {
  return inline?.expression ?? name;
}
