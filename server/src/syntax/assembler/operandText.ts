import type { AsmOperand, AsmRegister } from './operand.js';

/** An operand in AT&T syntax: `8(%rax,%rcx,4)`. `chosen`: how a register is called that the compiler chooses. */
export function operandText(operand: AsmOperand, chosen: (register: AsmRegister) => string): string {
  const registerText = (register: AsmRegister) => (register.inline ? chosen(register) : `%${register.name}`);
  switch (operand.kind) {
    case 'register':
      return registerText(operand);
    case 'immediate':
      return `$${operand.expression.text}`;
    case 'symbol':
      return operand.expression.text;
    case 'memory': {
      const { segment, displacement, base, index, scale } = operand;
      const inside = [base, index].map((register) => (register ? registerText(register) : ''));
      const address = index ? `${inside.join(',')},${String(scale)}` : inside[0];
      return `${segment === null ? '' : `%${segment}:`}${displacement?.text ?? ''}${base || index ? `(${address ?? ''})` : ''}`;
    }
  }
}
