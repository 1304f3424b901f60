import { treeReading, type TreeText } from '../../server/src/model/readTree.js';
import type { CParser } from '../../server/src/syntax/c/cTree.js';
import { answersOf } from './answers.js';
import { placesOutside } from './places.js';

/** An edit may take so many times as long as the tree itself did at first, and at least {@link LEAST_LIMIT}. */
const SLOWER = 10;

/** Milliseconds of the processor's time. */
const LEAST_LIMIT = 10_000;

/** Judges a tree that differs from another in one file, at whose places it is asked. Throws where something is wrong. */
type Judge = (edited: TreeText, path: string) => void;

/**
 * How trees are judged that differ from a given one: they are read, and everything is answered, without an exception and within a
 * time that the tree itself gives; and every place in an answer is in a text. What did not change is read once.
 */
export function treeJudge(c: CParser): (tree: TreeText) => Judge {
  const judges = new Map<TreeText, Judge>();
  return (tree) => {
    const judge = judges.get(tree) ?? judgeOf(c, tree);
    judges.set(tree, judge);
    return judge;
  };
}

function judgeOf(c: CParser, tree: TreeText): Judge {
  const read = treeReading(c);
  const judge: Judge = (edited, path) => {
    const outside = placesOutside(edited, answersOf(read(edited), path));
    if (outside.length > 0) throw new Error(`places that no text has: ${outside.join(', ')}`);
  };
  const timed = (edited: TreeText, path: string) =>
    cpuOf(() => {
      judge(edited, path);
    });
  const limit = Math.max(LEAST_LIMIT, SLOWER * timed(tree, ''));
  return (edited, path) => {
    const took = timed(edited, path);
    if (took > limit) throw new Error(`took ${took.toFixed()} ms of the processor's time`);
  };
}

/** The tree with another text of one file. */
export function withText(tree: TreeText, path: string, text: string): TreeText {
  return { ...tree, files: tree.files.map((file) => (file.path === path ? { path, text } : file)) };
}

/** Milliseconds of the processor's time that some work takes. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
