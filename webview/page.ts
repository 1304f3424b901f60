/** The element with an id, of a class. Throws where the page has none: then it is not the page that this script is of. */
export function element(id: string): HTMLElement;
export function element<E extends HTMLElement>(id: string, type: new () => E): E;
export function element(id: string, type: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no #${id}`);
  return found;
}
