import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { describe, expect, it } from 'vitest';
import { createScheduler, type Urgency } from '../../server/src/lsp/engine/scheduler.js';
import type { Steps } from '../../server/src/model/steps.js';

describe('jobs in steps', () => {
  it('give way to more urgent ones after each step, in the order of their arrival among equals', async () => {
    const { done, job, run } = recorder();
    await Promise.all([
      run('background', job('checks', 3)),
      run('display', job('lenses', 3)),
      run('display', job('hints', 2)),
      run('hover', job('hover', 2)),
    ]);
    const first = ['checks 1', 'lenses 1', 'hints 1', 'hover 1'];
    expect(done).toEqual([...first, 'hover 2', 'lenses 2', 'lenses 3', 'hints 2', ...checks(2, 3)]);
  });

  it('wait for one step at the most of what is less urgent', async () => {
    const { done, job, run } = recorder();
    const hovers: Promise<string>[] = [];
    const checking = run(
      'background',
      job('checks', 4, (step) => {
        if (step === 2) hovers.push(run('hover', job('hover', 2)));
      }),
    );
    expect(await checking).toBe('checks');
    expect(await Promise.all(hovers)).toEqual(['hover']);
    expect(done).toEqual([...checks(1, 2), 'hover 1', 'hover 2', ...checks(3, 4)]);
  });

  it('end with the step that is done when they are cancelled', async () => {
    const { done, job, run } = recorder();
    const cancelling = new CancellationTokenSource();
    const cancelled = run(
      'background',
      job('checks', 9, (step) => {
        if (step === 2) cancelling.cancel();
      }),
      cancelling,
    );
    await expect(cancelled).rejects.toMatchObject({ code: -32800 });
    expect(await run('background', job('later', 3))).toBe('later');
    expect(done).toEqual([...checks(1, 2), 'later 1', 'later 2', 'later 3']);
    await expect(run('hover', job('hover', 1), cancelling)).rejects.toMatchObject({ code: -32800 });
    expect(done).not.toContain('hover 1');
  });

  it('fail alone', async () => {
    const { job, run } = recorder();
    const failing = run(
      'hover',
      job('hover', 2, (step) => {
        if (step === 2) throw new Error('a fault');
      }),
    );
    const other = run('display', job('lenses', 2));
    await expect(failing).rejects.toThrow('a fault');
    expect(await other).toBe('lenses');
  });
});

/** A scheduler, and jobs that write down their steps. */
function recorder() {
  const done: string[] = [];
  const scheduler = createScheduler(setImmediate);
  function* job(name: string, steps: number, onStep: (step: number) => void = () => undefined): Steps<string> {
    for (let step = 1; step <= steps; step++) {
      done.push(`${name} ${String(step)}`);
      onStep(step);
      if (step < steps) yield;
    }
    return name;
  }
  const run = (urgency: Urgency, steps: Steps<string>, cancelling?: CancellationTokenSource) =>
    scheduler.run(urgency, steps, cancelling?.token);
  return { done, job, run };
}

function checks(...steps: readonly number[]): string[] {
  return steps.map((step) => `checks ${String(step)}`);
}
