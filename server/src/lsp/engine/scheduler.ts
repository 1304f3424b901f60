import { LSPErrorCodes, ResponseError, type CancellationToken } from 'vscode-languageserver';
import type { Steps } from '../../model/steps.js';

/**
 * Who waits, the most urgent first: for a hover, whose moment passes; for what a user asked by a command; for what an editor
 * shows by itself, such as lenses; nobody, as for diagnostics.
 */
const URGENCIES = ['hover', 'command', 'display', 'background'] as const;

/** How urgent a job is. */
export type Urgency = (typeof URGENCIES)[number];

/** Runs jobs in steps: after each step the most urgent job goes on, of equally urgent ones the oldest. */
export interface Scheduler {
  /**
   * Does a job's first step at once, which should be a short one, and the others in their turn. Resolves to the job's result.
   * Rejects with what a step throws, and with RequestCancelled as soon as the token is cancelled: no further step is done then.
   */
  readonly run: <Result>(urgency: Urgency, steps: Steps<Result>, token?: CancellationToken) => Promise<Result>;
}

interface Job {
  readonly urgency: Urgency;
  /** Does a step; whether it was the last. Never throws. */
  readonly step: () => boolean;
}

/** `pause`: what is done between two steps, to let in what has arrived meanwhile; then it calls back. */
export function createScheduler(pause: (goOn: () => void) => void): Scheduler {
  /** In the order of their arrival. */
  const jobs: Job[] = [];
  let isWorking = false;
  const remove = (job: Job) => {
    const index = jobs.indexOf(job);
    if (index >= 0) jobs.splice(index, 1);
  };
  const work = () => {
    const job = mostUrgent(jobs);
    if (job?.step()) remove(job);
    isWorking = jobs.length > 0;
    if (isWorking) pause(work);
  };
  return {
    run: (urgency, steps, token) =>
      new Promise((resolve, reject) => {
        if (token?.isCancellationRequested) {
          reject(cancellationError());
          return;
        }
        const job = { urgency, step: stepOf(steps, resolve, reject) };
        if (job.step()) return;
        jobs.push(job);
        token?.onCancellationRequested(() => {
          remove(job);
          reject(cancellationError());
        });
        if (!isWorking) pause(work);
        isWorking = true;
      }),
  };
}

/** Does one step of a job and settles it with the last; whether that was it. */
function stepOf<Result>(
  steps: Steps<Result>,
  resolve: (result: Result) => void,
  reject: (error: unknown) => void,
): () => boolean {
  return () => {
    try {
      const step = steps.next();
      if (step.done) resolve(step.value);
      return step.done ?? false;
    } catch (error) {
      reject(error);
      return true;
    }
  };
}

function mostUrgent(jobs: readonly Job[]): Job | undefined {
  for (const urgency of URGENCIES) {
    const job = jobs.find((one) => one.urgency === urgency);
    if (job) return job;
  }
  return undefined;
}

function cancellationError(): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
}
