import { describe, expect, it } from 'vitest';
import { checkTree } from '../../server/src/check/checkTree.js';
import { RULES } from '../../server/src/check/rules.js';
import { isOpen } from '../../server/src/backends/owner.js';
import type { Register, RegisterModel } from '../../server/src/model/registerModel.js';
import { readTree } from '../../server/src/model/readTree.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

const tree = treeAt(samplePath('load-store-regs'));
const paths = tree.files.map(({ path }) => path);

/** The model of the sample without a file's text, as if that could not be read. */
async function modelWithout(path: string): Promise<RegisterModel> {
  return readTree(await parser(), {
    ...tree,
    files: tree.files.filter((file) => file.path !== path),
    problems: [...tree.problems, { file: path, message: 'permission denied' }],
  });
}

/** What is said of a register that the whole tree does not say: another way to be kept, or fewer moves and no reason for that. */
function falseClaims(whole: Register, partly: Register): string[] {
  return whole.owners.flatMap((owner) => {
    const own = partly.owners.filter(({ backend }) => backend === owner.backend);
    if (own.length === 0 || own.some(({ sync, unknown }) => sync === 'unknown' && isOpen(unknown))) return [];
    const same = own.filter(({ sync }) => sync === owner.sync);
    if (same.length === 0) return [`${owner.backend}: ${own.map(({ sync }) => sync).join()} for ${owner.sync}`];
    const isLost = (direction: 'load' | 'store') =>
      same.every((one) => one[direction].length === 0 && one.unknown[direction].length === 0);
    return (['load', 'store'] as const).flatMap((direction) =>
      owner[direction].length > 0 && isLost(direction) ? [`${owner.backend}: no ${direction}`] : [],
    );
  });
}

describe('a file that could not be read', () => {
  it.each(paths)('%s leaves open what it may hold, and makes no finding', async (path) => {
    const whole = readTree(await parser(), tree);
    const model = await modelWithout(path);
    const registers = new Map(whole.registers.map((register) => [register.register, register]));
    const claims = model.registers.flatMap((partly) => {
      const register = registers.get(partly.register);
      return (register ? falseClaims(register, partly) : []).map((claim) => `${partly.register} ${claim}`);
    });
    expect(claims).toEqual([]);
    const tracking = RULES.filter(({ family }) => family === 'tracking');
    expect(checkTree(model, tracking).map(({ file, message }) => `${file}: ${message}`)).toEqual([]);
    expect(model.problems.filter(({ file, line }) => file === path && line === null)).not.toEqual([]);
  });

  it('of one vendor leaves what is said of the other', async () => {
    const model = await modelWithout('arch/x86/kvm/vmx/vmx.c');
    const syncs = (name: string) =>
      model.registers
        .find(({ register }) => register === name)
        ?.owners.map(({ backend, sync }) => `${backend} ${sync}`);
    expect(syncs('CR3')).toEqual(['vmx unknown', 'svm eager', 'svm intercepted', 'sev-es protected', 'tdx unknown']);
  });

  it('says of XSAVE components neither that guests may enable them nor that they may not', async () => {
    const model = await modelWithout('arch/x86/kvm/svm/svm.c');
    expect(new Set(model.xsave.components.map(({ supported }) => supported))).toEqual(new Set(['unknown']));
  });
});

it('a file that was repaired leaves nothing open', async () => {
  const problems = [{ file: 'arch/x86/kvm/vmx/vmx.c', message: 'not UTF-8: 1 bytes read as "?"' }];
  const model = readTree(await parser(), { ...tree, problems });
  expect(model.unread).toEqual([]);
  expect(model.problems).toEqual([{ ...problems[0], line: null }]);
  expect(model.registers.flatMap(({ owners }) => owners).filter(({ unknown }) => isOpen(unknown))).toEqual([]);
});
