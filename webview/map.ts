import { applyFilter, hiddenBackends, setHiddenBackends } from './filter.js';
import { followKeys, makeRoving } from './keys.js';
import type { HostMessage } from './messages.js';
import { host, initialState } from './host.js';
import { element } from './page.js';
import { followRuns, refreshRuns, showRun, showRunsAgain, shownRuns } from './runs.js';
import { deselect, refreshSelected, reselect, select, selected, showSection } from './selection.js';

const content = element('content');
const head = element('head');

/** Keeps what the page shows for when it is shown again. */
function keepState(): void {
  host?.setState({
    selected: selected(),
    filter: element('filter', HTMLInputElement).value,
    hiddenBackends: hiddenBackends(),
    scroll: content.scrollTop,
  });
}

/** Follows a link: to a register, to a part of the page, or to a line of the source. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const url = link?.getAttribute('href');
  if (url === undefined || url === null) return;
  if (host) event.stopPropagation(); // VS Code, which listens at the window, would scroll there, too
  if (!url.startsWith('#')) {
    if (!host) return;
    event.preventDefault();
    host.postMessage({ type: 'open', url });
    return;
  }
  event.preventDefault();
  const id = url.slice(1);
  const part = document.getElementById(id);
  if (part && content.contains(part)) part.scrollIntoView();
  else select(id, { takesFocus: event.detail === 0 });
  keepState();
}

/** Shows a map that was made anew, with what was filtered, selected and focused before. */
function replaceMap({ title, head: newHead, body }: Extract<HostMessage, { type: 'map' }>): void {
  const filter = element('filter', HTMLInputElement);
  const before = { filter: filter.value, hidden: hiddenBackends(), scroll: content.scrollTop, open: openParts() };
  const runs = shownRuns();
  const focused = document.activeElement?.closest('a')?.getAttribute('href') ?? null;
  const isFiltering = document.activeElement === filter;
  document.title = title;
  head.innerHTML = newHead;
  content.innerHTML = body;
  showRunsAgain(runs);
  openAgain(before.open);
  element('filter', HTMLInputElement).value = before.filter;
  setHiddenBackends(before.hidden);
  applyFilter();
  makeRoving(focused);
  content.scrollTop = before.scroll;
  reselect();
  if (isFiltering) element('filter').focus();
  else if (focused?.startsWith('#')) content.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  refreshSelected();
}

/** Which parts that fold are open, by their number. */
function openParts(): number[] {
  return foldingParts().flatMap((part, i) => (part.open ? [i] : []));
}

function openAgain(open: readonly number[]): void {
  for (const [i, part] of foldingParts().entries()) part.open = open.includes(i);
}

function foldingParts(): HTMLDetailsElement[] {
  return [...content.querySelectorAll('details')];
}

function heed(message: HostMessage): void {
  switch (message.type) {
    case 'map':
      replaceMap(message);
      break;
    case 'edited':
      refreshSelected();
      refreshRuns();
      break;
    case 'section':
      showSection(message.register, message.section);
      break;
    case 'run':
      showRun(message.backend, message.steps);
      break;
  }
  keepState();
}

function start(): void {
  const { filter, hiddenBackends: hidden, selected: id, scroll } = initialState();
  document.body.classList.add('scripted');
  element('filter', HTMLInputElement).value = filter;
  setHiddenBackends(hidden);
  applyFilter();
  makeRoving(null);
  if (id === null) deselect();
  else select(id, { takesFocus: false });
  content.scrollTop = scroll;
  head.addEventListener('input', () => {
    applyFilter();
    makeRoving(null);
    keepState();
  });
  head.addEventListener('submit', (event) => {
    event.preventDefault();
  });
  document.addEventListener('click', followLink);
  content.addEventListener('scroll', keepState, { passive: true });
  followKeys(keepState);
  followRuns(content);
  window.addEventListener('hashchange', () => {
    const wanted = location.hash.slice(1);
    if (wanted !== '' && wanted !== selected()) select(wanted, { takesFocus: false });
  });
  // Without a host nobody has anything to say to the page: not a page that shows it in a frame either.
  if (host)
    window.addEventListener('message', ({ data }: MessageEvent<HostMessage>) => {
      heed(data);
    });
}

start();
