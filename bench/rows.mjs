// The figures of a benchmark: rows as data, and as a table.

/** @typedef {{ name: string, unit: string, figures: Record<string, number | null> }} Row null: too few samples for it */
/** @typedef {{ title: string, rows: Row[] }} Section */

/**
 * @param {string} name
 * @param {number[]} values at least one
 * @param {string} unit
 * @returns {Row}
 */
export function rowOf(name, values, unit) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ i) => sorted[i] ?? 0;
  return { name, unit, figures: { median: at(sorted.length >> 1), min: at(0), max: at(sorted.length - 1) } };
}

/**
 * @param {Section} section
 * @returns {string}
 */
export function tableOf({ title, rows }) {
  const heads = Object.keys(rows[0]?.figures ?? {});
  return [
    title,
    `  ${''.padEnd(32)}${heads.map((head) => head.padStart(9)).join('')}`,
    ...rows.map(({ name, unit, figures }) => {
      const cells = heads.map((head) => figureText(figures[head] ?? null).padStart(9));
      return `  ${name.padEnd(32)}${cells.join('')} ${unit}`;
    }),
  ].join('\n');
}

/** @param {number | null} figure */
function figureText(figure) {
  if (figure === null) return '-';
  return figure.toFixed(Number.isInteger(figure) || figure >= 100 ? 0 : 1);
}
