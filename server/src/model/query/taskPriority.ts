/*
 * CR8 has no place of its own where KVM models the local APIC: its bits are those of the APIC's task-priority register (SDM vol. 3,
 * 11.8.6.1), which is a register of the APIC's page by its number there (asm/apicdef.h).
 */

/** The number of the task-priority register. */
export const TASK_PRIORITY = 'APIC_TASKPRI';

/** How that register is spoken of. */
export const TASK_PRIORITY_WORDS = "the local APIC's task-priority register, whose bits 7:4 are the guest's CR8";

/** What a function does with the task-priority register, by an accessor that is given its number. `offset`: of the statement, in the text. */
export interface TaskPriorityUse {
  readonly isWritten: boolean;
  /** The variable that gets it, or whose value it is given; null for no variable. */
  readonly variable: string | null;
  /** What is read is the function's result. */
  readonly isReturned: boolean;
  readonly offset: number;
}

/** The accessors of the APIC's page (lapic.h), with what their result goes to and what they write. */
const USE = new RegExp(
  `(?:(?<variable>\\b[a-z_]\\w*)\\s*=\\s*|(?<returned>\\breturn\\b[^;{}=]*?))?(?:\\([\\w ]+\\)\\s*)?\\b(?:kvm_l?apic|apic)_(?<access>get|set)_reg\\([^;(){}]*\\b${TASK_PRIORITY}\\s*(?:,(?<value>[^;{}]+))?\\)`,
  'g',
);

/** What a function does with the task-priority register, by its text. */
export function taskPriorityUses(text: string): readonly TaskPriorityUse[] {
  if (!text.includes(TASK_PRIORITY)) return [];
  return Array.from(text.matchAll(USE)).map(({ groups = {}, index }): TaskPriorityUse => {
    const { variable = null, returned, access, value = '' } = groups;
    if (access === 'set') return { isWritten: true, variable: soleName(value), isReturned: false, offset: index };
    const isReturned = returned !== undefined || (variable !== null && isReturnedBelow(text, variable));
    return { isWritten: false, variable, isReturned, offset: index };
  });
}

/** `tpr` of `(tpr & 0xf0) >> 4`: the one variable that an expression is made of; null for none, for several, and for a call. */
export function soleName(expression: string): string | null {
  const [name, another] = new Set(expression.match(/(?<!\w)[A-Za-z_]\w*/g) ?? []);
  return name === undefined || another !== undefined || /\w\s*\(|->|[.[]/.test(expression) ? null : name;
}

function isReturnedBelow(text: string, variable: string): boolean {
  return Array.from(text.matchAll(/\breturn\b([^;]*);/g)).some(([, value = '']) => soleName(value) === variable);
}
