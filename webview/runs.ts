import { host } from './host.js';

/** Asks for the steps of each run that is opened, where there is somebody to ask. */
export function followRuns(content: HTMLElement): void {
  const ask = ({ target }: Event): void => {
    if (target instanceof HTMLDetailsElement && target.open) askFor(target);
  };
  content.addEventListener('toggle', ask, { capture: true }); // the event does not bubble
}

/** Asks for the steps of the runs that are open again, where there is somebody to ask. */
export function refreshRuns(): void {
  for (const run of document.querySelectorAll<HTMLElement>('.run[open]')) askFor(run);
}

/** Puts the steps of a backend's run into the page. */
export function showRun(backend: string, steps: string): void {
  const run = document.querySelector(`.run[data-backend="${CSS.escape(backend)}"] .run-steps`);
  if (run) run.innerHTML = steps;
}

/** The steps that the page has, by backend. */
export function shownRuns(): Map<string, string> {
  const steps = [...document.querySelectorAll<HTMLElement>('.run .run-steps')];
  return new Map(steps.map((part) => [part.closest<HTMLElement>('.run')?.dataset['backend'] ?? '', part.innerHTML]));
}

/** Shows steps again in a page that was made anew, until those of today are there, so that nothing jumps. */
export function showRunsAgain(runs: ReadonlyMap<string, string>): void {
  for (const [backend, steps] of runs) showRun(backend, steps);
}

function askFor(run: HTMLElement): void {
  const backend = run.dataset['backend'];
  if (run.classList.contains('run') && backend !== undefined) host?.postMessage({ type: 'run', backend });
}
