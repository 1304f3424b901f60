import { registerNames } from '../../syntax/x86/registerNames.js';
import type { RunStep } from '../runStep.js';
import { stepText } from '../stepWords.js';
import type { RunHead, Timeline } from '../timeline.js';
import { evidenceLink, type LinkOf } from './evidenceLink.js';
import { html, NO_MARKUP, type Markup } from './markup.js';

/** The run of each backend, folded up. `runs`: the steps of those that the page has from the beginning. */
export function runSection(heads: readonly RunHead[], runs: readonly Timeline[], linkOf: LinkOf): Markup {
  const told = heads.map((head) =>
    runDetails(
      head,
      runs.find(({ backend }) => backend === head.backend),
      linkOf,
    ),
  );
  return html`<section id="run" aria-labelledby="run-title">
    <h2 id="run-title">A run, step by step</h2>
    ${told}
  </section>`;
}

function runDetails({ backend, title, begins }: RunHead, run: Timeline | undefined, linkOf: LinkOf): Markup {
  const from = begins.length > 0 ? html` <code>${begins.join(', ')}</code>` : NO_MARKUP;
  return html`<details class="run" data-backend="${backend}">
    <summary>${title}${from}</summary>
    <div class="run-steps">${run ? runSteps(run, linkOf) : NO_MARKUP}</div>
  </details>`;
}

/** The steps of a run, part by part, and what is not known of it. */
export function runSteps({ steps, unknown }: Timeline, linkOf: LinkOf): Markup {
  const parts = [...new Set(steps.map(({ part }) => part))];
  const lists = parts.map((part) => {
    const items = steps.filter((step) => step.part === part).map((step) => stepItem(step, linkOf));
    const first = steps.findIndex((step) => step.part === part) + 1; // numbered through, as `kvm-regs timeline` does
    return html`<h3>${part === 'guest' ? 'the guest runs' : part}</h3>
      <ol class="steps" start="${first}">
        ${items}
      </ol>`;
  });
  const open = unknown.map(
    ({ registers, text }) => html`<li class="open">not known: ${registerNames(registers)} ${text}</li>`,
  );
  const rest = html`<ul class="steps">
    ${open}
  </ul>`;
  return html`${lists}${open.length > 0 ? rest : NO_MARKUP}`;
}

function stepItem(step: RunStep, linkOf: LinkOf): Markup {
  const condition =
    step.conditions.length > 0
      ? html`<span class="if">if <code>${step.conditions.join(' && ')}</code></span>`
      : NO_MARKUP;
  return html`<li class="${step.kind}">
    <span>${stepText(step).replaceAll('->', '→')} ${evidenceLink(linkOf, step)}</span>${condition}
  </li>`;
}
