import { applyFilter } from './filter.js';
import { host } from './host.js';
import { element } from './page.js';

let current: string | null = null;

/** What is selected: `RSP`, or `RSP-vmx`; null for nothing. */
export function selected(): string | null {
  return current;
}

/** Selects a register, or its cell for a backend, and shows what is known of it. The focus goes there from the keyboard only. */
export function select(id: string, { takesFocus }: { readonly takesFocus: boolean }): void {
  current = id;
  if (!host) history.replaceState(null, '', `#${id}`);
  reselect();
  const register = registerOf(id);
  if (sectionOf(register)) showSelected(takesFocus);
  else if (host) {
    focusesNext = takesFocus;
    host.postMessage({ type: 'register', register });
  }
}

/** Whether the section that is waited for gets the focus. */
let focusesNext = false;

/** Marks the cell that is selected; after the map was made anew, too. */
export function reselect(): void {
  for (const link of document.querySelectorAll('#content [aria-current]')) link.removeAttribute('aria-current');
  if (current === null) return;
  linkTo(current)?.setAttribute('aria-current', 'true');
}

/** Asks for the selected register's section again, where there is somebody to ask. */
export function refreshSelected(): void {
  if (current !== null) host?.postMessage({ type: 'register', register: registerOf(current) });
}

/** Puts a register's section in the place of what is shown. */
export function showSection(register: string, section: string | null): void {
  if (current === null || registerOf(current) !== register) return;
  const details = element('details');
  const { scrollTop } = details;
  const isAgain = sectionOf(register) !== null;
  const focused = details.contains(document.activeElement)
    ? (document.activeElement?.getAttribute('href') ?? null)
    : null;
  for (const old of details.querySelectorAll('.register')) old.remove();
  if (section === null) {
    deselect();
    return;
  }
  details.insertAdjacentHTML('beforeend', section);
  if (!isAgain) {
    showSelected(focusesNext);
    return;
  }
  show();
  details.scrollTop = scrollTop;
  if (focused !== null) details.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

/** Shows nothing any more; the focus goes back to the cell. */
export function deselect(): void {
  const link = current === null ? null : linkTo(current);
  const hadFocus = element('details').contains(document.activeElement);
  current = null;
  if (!host && location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  for (const section of document.querySelectorAll<HTMLElement>('.register')) section.hidden = true;
  reselect();
  if (hadFocus) link?.focus();
}

/** What is left free above a backend's part that is scrolled to, in CSS pixels. */
const ABOVE_ARTICLE = 8;

/** Shows what was just selected, from its beginning, and its cell above. */
function showSelected(takesFocus: boolean): void {
  if (current === null) return;
  show();
  const details = element('details');
  const article = current === registerOf(current) ? null : document.getElementById(current);
  details.scrollTop = 0;
  // What is said of the register itself stands above the first backend, and is seen with it.
  if (article && !article.hidden && article.previousElementSibling?.localName === 'article')
    details.scrollTop = article.getBoundingClientRect().top - details.getBoundingClientRect().top - ABOVE_ARTICLE;
  linkTo(current)?.scrollIntoView({ block: 'nearest' });
  if (takesFocus) sectionOf(registerOf(current))?.querySelector('h2')?.focus({ preventScroll: true });
}

/** Shows the section of what is selected, and no other. */
function show(): void {
  const [id, register] = [current ?? '', registerOf(current ?? '')];
  for (const section of document.querySelectorAll<HTMLElement>('.register')) section.hidden = section.id !== register;
  addCloseButton();
  applyFilter();
  for (const article of document.querySelectorAll('.register article'))
    article.classList.toggle('chosen', article.id === id);
}

function addCloseButton(): void {
  const details = element('details');
  if (details.querySelector('.close')) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'close';
  button.textContent = 'Close';
  button.addEventListener('click', deselect);
  details.prepend(button);
}

/** The section of a register; null where the page has none. */
function sectionOf(register: string): HTMLElement | null {
  const found = document.getElementById(register);
  return found?.classList.contains('register') ? found : null;
}

/** The cell, or the row's head, that leads to what is selected. */
function linkTo(id: string): HTMLElement | null {
  return document.querySelector(`#map a[href="#${CSS.escape(id)}"]`);
}

/** The register of an id: a backend's name comes behind the first hyphen. */
function registerOf(id: string): string {
  return id.split('-', 1)[0] ?? id;
}
