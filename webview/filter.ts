import { element } from './page.js';

/** The backends that are not shown. */
export function hiddenBackends(): string[] {
  return backendBoxes().flatMap((box) => (box.checked ? [] : [box.value]));
}

export function setHiddenBackends(hidden: readonly string[]): void {
  for (const box of backendBoxes()) box.checked = !hidden.includes(box.value);
}

function backendBoxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('input[name="backend"]')];
}

/** Shows the rows that have every word of the filter in a register's names or in a cell that is shown, and the backends that are chosen. */
export function applyFilter(): void {
  const hidden = new Set(hiddenBackends());
  for (const part of document.querySelectorAll<HTMLElement>('[data-backend]'))
    part.hidden = hidden.has(part.dataset['backend'] ?? '');
  const words = element('filter', HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  const rows = [...document.querySelectorAll<HTMLElement>('tr[data-find]')];
  for (const row of rows) {
    const text = words.length > 0 ? rowText(row) : '';
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) shown++;
  }
  for (const body of document.querySelectorAll<HTMLElement>('tbody'))
    body.hidden = ![...body.querySelectorAll<HTMLElement>('tr[data-find]')].some((row) => !row.hidden);
  element('count').textContent = words.length === 0 ? '' : `${shown} of ${rows.length} rows`;
}

function rowText(row: HTMLElement): string {
  const cells = [...row.querySelectorAll<HTMLElement>('td:not([hidden])')];
  const told = cells.map((cell) => (cell.querySelector('.cell') ?? cell).textContent);
  return [row.dataset['find'], ...told].join(' ').toLowerCase();
}
