/**
 * Long work that is done in steps, so that a thread can do something more urgent between two of them. Each `next` does one step
 * and gives a note, of what comes next for example; the last one gives the result.
 */
export type Steps<Result, Note = unknown> = Generator<Note, Result, void>;

/** Does all steps in a row. */
export function allSteps<Result, Note>(
  steps: Steps<Result, Note>,
  onNote: (note: Note) => void = () => undefined,
): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    onNote(step.value);
  }
}
