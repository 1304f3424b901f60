import { registerNames } from '../../syntax/x86/registerNames.js';
import type { RunStep } from '../runStep.js';
import { stepText } from '../stepWords.js';
import type { Timeline } from '../timeline.js';
import { evidenceLink, type LinkOf } from './evidenceLink.js';
import { html, NO_MARKUP, type Markup } from './markup.js';

/** The run of each backend, step by step, each folded up. */
export function runSection(runs: readonly Timeline[], linkOf: LinkOf): Markup {
  const told = runs.map((run) => runDetails(run, linkOf));
  return html`<section id="run" aria-labelledby="run-title">
    <h2 id="run-title">A run, step by step</h2>
    ${told}
  </section>`;
}

function runDetails({ backend, title, begins, steps, unknown }: Timeline, linkOf: LinkOf): Markup {
  const parts = [...new Set(steps.map(({ part }) => part))];
  const lists = parts.map((part) => {
    const items = steps.filter((step) => step.part === part).map((step) => stepItem(step, linkOf));
    return html`<h3>${part === 'guest' ? 'the guest runs' : part}</h3>
      <ol class="steps">
        ${items}
      </ol>`;
  });
  const open = unknown.map(
    ({ registers, text }) => html`<li class="open">not known: ${registerNames(registers)} ${text}</li>`,
  );
  const from = begins.length > 0 ? html` <code>${begins.join(', ')}</code>` : NO_MARKUP;
  return html`<details class="run" data-backend="${backend}">
    <summary>${title}${from}</summary>
    ${lists}${
      open.length > 0
        ? html`<ul class="steps">
            ${open}
          </ul>`
        : NO_MARKUP
    }
  </details>`;
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
