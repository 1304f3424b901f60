import type { CallSite, OutlineItem } from '../../syntax/c/outline.js';

/**
 * A file's items as columns of texts and numbers. A file has ten thousand words and calls: as so many objects they take several
 * times as long to be read.
 */
export interface KeptItems {
  /** Each text that items name, once, with a `SEPARATOR` between each two. */
  readonly texts: string;
  /** `COLUMNS` for each item, texts by their places. */
  readonly items: Int32Array;
  /** Of all items in a row, a text and an offset for each word. */
  readonly words: Int32Array;
  /** Of all items in a row, `CALL_COLUMNS` for each call. */
  readonly calls: Int32Array;
}

const SEPARATOR = '\n';

const KINDS: readonly OutlineItem['kind'][] = ['function', 'macro-use', 'enum', 'struct', 'object', 'declaration'];

/** Kind, name, start, end, nameStart, bodyStart, unbalancedAt, and how many words and calls there are. */
const COLUMNS = 9;

/** Name, offset, end and holder. */
const CALL_COLUMNS = 4;

/** Of an item that is not unbalanced, and a call without a holder; offsets are at least -1, places of texts 0. */
const NOWHERE = -2;

export function keptItems(items: readonly OutlineItem[]): KeptItems {
  const places = new Map<string, number>();
  const placeOf = (text: string) => {
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  };
  const columns: number[] = [];
  const words: number[] = [];
  const calls: number[] = [];
  for (const item of items) {
    const { kind, name, start, end, nameStart, bodyStart, unbalancedAt } = item;
    columns.push(KINDS.indexOf(kind), placeOf(name), start, end, nameStart, bodyStart, unbalancedAt ?? NOWHERE);
    columns.push(item.words.size, item.calls.length);
    for (const [word, offset] of item.words) words.push(placeOf(word), offset);
    for (const { name: called, offset, end: callEnd, holder } of item.calls)
      calls.push(placeOf(called), offset, callEnd, holder === null ? NOWHERE : placeOf(holder));
  }
  return {
    texts: [...places.keys()].join(SEPARATOR),
    items: Int32Array.from(columns),
    words: Int32Array.from(words),
    calls: Int32Array.from(calls),
  };
}

/** The items that were kept. */
export function itemsAsKept(kept: KeptItems): OutlineItem[] {
  const texts = kept.texts.split(SEPARATOR);
  const at = (numbers: Int32Array, i: number) => numbers[i] ?? 0;
  const text = (numbers: Int32Array, i: number) => texts[at(numbers, i)] ?? '';
  const items: OutlineItem[] = [];
  let [word, call] = [0, 0];
  for (let i = 0; i < kept.items.length; i += COLUMNS) {
    const column = (n: number) => at(kept.items, i + n);
    const words = new Map<string, number>();
    for (const end = word + 2 * column(7); word < end; word += 2)
      words.set(text(kept.words, word), at(kept.words, word + 1));
    const calls: CallSite[] = [];
    for (const end = call + CALL_COLUMNS * column(8); call < end; call += CALL_COLUMNS) {
      const holder = at(kept.calls, call + 3) === NOWHERE ? null : text(kept.calls, call + 3);
      calls.push({
        name: text(kept.calls, call),
        offset: at(kept.calls, call + 1),
        end: at(kept.calls, call + 2),
        holder,
      });
    }
    items.push({
      kind: KINDS[column(0)] ?? 'declaration',
      name: text(kept.items, i + 1),
      start: column(2),
      end: column(3),
      nameStart: column(4),
      bodyStart: column(5),
      unbalancedAt: column(6) === NOWHERE ? null : column(6),
      words,
      calls,
    });
  }
  return items;
}
