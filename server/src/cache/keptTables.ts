/*
 * What is remembered of an object by its identity may outlive the process together with that object, where it is plain data.
 * Tables of such results have names, so that a later process can put them back.
 */

/** The results of a pure function, by the identity of what it was given. */
export type KeptTable<Key extends object, Result> = Pick<WeakMap<Key, Result>, 'get' | 'set'>;

/** Results of an object, by the names of their tables. */
export type KeptResults = Readonly<Record<string, unknown>>;

const tables = new Map<string, KeptTable<object, unknown>>();

/** Makes the table of a name that no other table has. Its results are plain data, without the objects that they are of. */
export function keptTable<Key extends object, Result>(name: string): KeptTable<Key, Result> {
  const table = new WeakMap<Key, Result>();
  tables.set(name, table);
  return table;
}

/** What the tables have of an object. */
export function keptResults(key: object): KeptResults {
  const results: Record<string, unknown> = {};
  for (const [name, table] of tables) {
    const result = table.get(key);
    if (result !== undefined) results[name] = result;
  }
  return results;
}

/** Puts back what the tables had of an object that is the same. */
export function putBack(key: object, results: KeptResults): void {
  for (const name in results) tables.get(name)?.set(key, results[name]);
}
