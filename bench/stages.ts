import process from 'node:process';
import { readTree } from '../server/src/model/readTree.js';
import { findKernelTree } from '../server/src/tree/findKernelTree.js';
import { loadTree } from '../server/src/tree/loadTree.js';
import { bundledParser } from './bundledParser.js';
import { worldSwitchTimes } from './worldSwitchTimes.js';

// One cold reading of a tree; prints the time of each stage and the process' peak memory, a line each: name, value, unit.
const began = performance.now();
const parser = await bundledParser();
const stages: [string, number][] = [['parser', performance.now() - began]];
let last = performance.now();
const lap = (name: string) => {
  stages.push([name, performance.now() - last]);
  last = performance.now();
};
const found = findKernelTree(process.argv[2] ?? '.');
if ('missing' in found) throw new Error(found.missing);
const tree = loadTree(found.tree);
lap('load');
let stage = '';
const model = readTree(parser, tree, (next) => {
  if (stage !== '') lap(stage);
  stage = next;
});
lap(stage);
const megabytes = tree.files.reduce((sum, file) => sum + file.text.length, 0) / 1e6;
const rows = stages.map(([name, ms]) => `${name}\t${String(ms)}\tms`);
const { assemble, follow } = worldSwitchTimes(tree.files);
rows.push(`vmenter.S assembled, warm\t${String(assemble)}\tms`, `vmenter.S followed, warm\t${String(follow)}\tms`);
rows.push(`peak memory\t${String(process.resourceUsage().maxRSS / 1024)}\tMB`);
rows.push(`files read\t${String(tree.files.length)}\t`, `text read\t${String(megabytes)}\tMB`);
rows.push(`registers\t${String(model.registers.length)}\t`);
process.stdout.write(rows.join('\n'));
