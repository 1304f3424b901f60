import process from 'node:process';
import { BACKENDS } from '../../server/src/backends/registry.js';
import { worldSwitchReader } from '../../server/src/facts/assembly/worldSwitch.js';
import { outlineSource } from '../../server/src/facts/source/sourceOutline.js';
import type { ObservedStep } from '../../server/src/syntax/flow/flowObserver.js';
import type { ObservedRoot } from '../../server/src/syntax/flow/worldSwitchFlow.js';
import { findKernelTree } from '../../server/src/tree/findKernelTree.js';
import { loadTree } from '../../server/src/tree/loadTree.js';
import { traceText, type Trace } from './traceText.js';

const [path, name] = process.argv.slice(2);
try {
  if (path === undefined || name === undefined) throw new Error('usage: npm run trace -- TREE FUNCTION');
  process.stdout.write(traceOf(path, name));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}

/**
 * The traces of a function in a tree, one for each way to build it.
 * @throws Error when there is no such tree, or no such function.
 */
function traceOf(directory: string, functionName: string): string {
  const found = findKernelTree(directory);
  if ('missing' in found) throw new Error(found.missing);
  const { files } = loadTree(found.tree);
  const outlines = files.filter((file) => !file.path.endsWith('.S')).map((file) => outlineSource(file.path, file.text));
  const followed: { readonly root: ObservedRoot; readonly steps: ObservedStep[] }[] = [];
  const read = worldSwitchReader(BACKENDS, (root) => {
    const steps: ObservedStep[] = [];
    followed.push({ root, steps });
    return (step) => steps.push(step);
  });
  const { files: assembly } = read(files, outlines);
  const source = assembly.find(({ functions }) => functions.some((fn) => fn.name === functionName))?.source;
  const traces = tracesOf(followed, functionName);
  if (!source || traces.length === 0) {
    const names = [...new Set(followed.flatMap(({ root }) => root.name ?? []))].sort();
    throw new Error(`no function '${functionName}' is followed in ${directory}; these are: ${names.join(' ')}`);
  }
  return traces.map((trace) => traceText(source, trace)).join('\n');
}

/** The ways that begin at a function; of one that others call, which is followed on their ways, its own part of those. */
function tracesOf(followed: readonly Trace[], functionName: string): readonly Trace[] {
  const own = followed.filter(({ root, steps }) => root.name === functionName && steps.length > 0);
  if (own.length > 0) return own;
  const part = ({ root, steps }: Trace) => ({
    root,
    steps: steps.filter(({ instruction }) => instruction.function === functionName),
  });
  return followed.map(part).filter(({ steps }) => steps.length > 0);
}
