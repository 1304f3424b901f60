import { element } from './page.js';
import { deselect } from './selection.js';

/**
 * The map is one stop of the Tab key: arrows, Home and End move in it (w3.org/WAI/ARIA/apg/patterns/grid). Escape closes what hangs over
 * the map, then what is below it.
 */
export function followKeys(onChange: () => void): void {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      const isHanging = document.querySelector('.cell:focus-visible + .why') !== null;
      if (isHanging && !document.body.classList.contains('quiet')) document.body.classList.add('quiet');
      else deselect();
      onChange();
    } else if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      element('filter').focus();
    } else moveInMap(event);
  });
  document.addEventListener('focusin', ({ target }) => {
    document.body.classList.remove('quiet');
    if (target instanceof HTMLElement && target.closest('#map tbody')) enter(target);
  });
  document.addEventListener('mousemove', () => {
    document.body.classList.remove('quiet');
  });
}

/** Leaves one link of the map to the Tab key: the one with this address, else the first that is shown. */
export function makeRoving(url: string | null): void {
  const links = gridOf().flat();
  for (const link of links) link.tabIndex = -1;
  const stop = links.find((link) => link.getAttribute('href') === url) ?? links[0];
  if (stop) stop.tabIndex = 0;
}

function enter(link: HTMLElement): void {
  for (const other of document.querySelectorAll<HTMLElement>('#map tbody a[tabindex="0"]')) other.tabIndex = -1;
  link.tabIndex = 0;
}

/** The links of the rows and cells that are shown. */
function gridOf(): HTMLElement[][] {
  const rows = [...document.querySelectorAll<HTMLElement>('#map tr[data-register]')].filter(isShown);
  return rows.map((row) => [...row.querySelectorAll<HTMLElement>('.name, .cell')].filter(isShown));
}

function isShown(part: HTMLElement): boolean {
  return part.closest('[hidden]') === null;
}

function moveInMap(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return;
  const grid = gridOf();
  const { target } = event;
  const row = grid.findIndex((links) => links.includes(target));
  if (row < 0) return;
  const column = grid[row]?.indexOf(target) ?? 0;
  const [toRow, toColumn] = step(row, column, grid);
  const links = grid[Math.max(0, Math.min(toRow, grid.length - 1))] ?? [];
  event.preventDefault();
  links[Math.max(0, Math.min(toColumn, links.length - 1))]?.focus();
}

type Step = (row: number, column: number, grid: readonly (readonly HTMLElement[])[]) => readonly [number, number];

const PAGE = 10;

const STEPS: Readonly<Partial<Record<string, Step>>> = {
  ArrowDown: (row, column) => [row + 1, column],
  ArrowUp: (row, column) => [row - 1, column],
  ArrowRight: (row, column) => [row, column + 1],
  ArrowLeft: (row, column) => [row, column - 1],
  PageDown: (row, column) => [row + PAGE, column],
  PageUp: (row, column) => [row - PAGE, column],
  Home: (row) => [row, 0],
  End: (row, _, grid) => [row, (grid[row]?.length ?? 1) - 1],
};
