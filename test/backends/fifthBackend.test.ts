import { beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../server/src/backends/backend.js';
import { BACKENDS } from '../../server/src/backends/registry.js';
import { saveAreaOwners, saveAreaWords } from '../../server/src/backends/saveArea.js';
import { checkTree } from '../../server/src/check/checkTree.js';
import { RULES } from '../../server/src/check/rules.js';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { lensesOf } from '../../server/src/explain/lenses.js';
import { registerNamed } from '../../server/src/model/query/registers.js';
import { treeReading } from '../../server/src/model/readTree.js';
import type { RegisterModel } from '../../server/src/model/registerModel.js';
import { mapText, ownersText } from '../cliText.js';
import { parser, treeAt } from '../engine.js';
import { samplePath } from '../samples.js';

/** A backend that no file of ours knows: its guests are entered by a call, and hand over registers in a struct of their own. */
const PVM: Backend = {
  name: 'pvm',
  title: 'PVM',
  vendor: 'pvm',
  cpus: [],
  hiddenIn: null,
  entry: {
    instructions: [],
    call: { name: 'pvm.enter', leaf: 'PVM_ENTER', function: 'pvm_enter', assembly: /\/pvm\/switcher/ },
    exitTitle: 'PVM exit',
    claims: null,
  },
  places: [
    {
      kind: 'pvcs',
      words: saveAreaWords('PVCS'),
      role: 'save-area',
      loadsXsaveState: false,
      holds: (field, register) => field.toUpperCase() === register,
    },
  ],
  structs: { pvm_vcpu_struct: { kind: 'pvcs', prefix: '' } },
  members: {},
  placeFunction: () => null,
  ownersOf: (register, query) => saveAreaOwners(register, query, 'pvcs'),
};

const file = 'arch/x86/kvm/pvm/pvm.c';
const text = `
struct pvm_vcpu_struct {
	u64 rsp;
	u64 rip;
};

static int pvm_vcpu_run(struct kvm_vcpu *vcpu, struct pvm_vcpu_struct *pvcs)
{
	pvcs->rsp = vcpu->arch.regs[VCPU_REGS_RSP];
	pvm_enter(pvcs);
	vcpu->arch.regs[VCPU_REGS_RSP] = pvcs->rsp;
	return 0;
}

struct kvm_x86_ops pvm_x86_ops = {
	.vcpu_run = pvm_vcpu_run,
};
`;

let model: RegisterModel;

beforeAll(async () => {
  model = await modelWith(text);
});

/** The model of a sample that has this backend's code beside the others'. */
async function modelWith(code: string): Promise<RegisterModel> {
  const sample = treeAt(samplePath('load-store-regs'));
  const read = treeReading(await parser(), [...BACKENDS, PVM]);
  return read({ ...sample, files: [...sample.files, { path: file, text: code }] });
}

it('is a column of the map beside the others', () => {
  expect(model.backends.map(({ name }) => name)).toEqual(['vmx', 'svm', 'sev-es', 'tdx', 'pvm']);
  const map = mapText(model, 200);
  expect(map).toMatch(/ VMX +SVM +SEV-ES +TDX +PVM$/m);
  expect(map).toMatch(/^RSP .* eager +rsp$/m);
});

it('has owners with their transfers and its own words', () => {
  const register = registerNamed(model, 'RSP');
  expect(register).not.toBeNull();
  if (!register) return;
  const owners = ownersText(model, register, 'pvm');
  expect(owners).toMatch(/^PVM: eager\n {2}.*PVCS rsp/);
  expect(owners).toContain(`${file}:11:2: load RSP via rsp -> arch.regs[VCPU_REGS_RSP] in pvm_vcpu_run (vm-exit)`);
  expect(owners).toContain(`${file}:9:2: store RSP via arch.regs[VCPU_REGS_RSP] -> rsp in pvm_vcpu_run (vm-entry)`);
});

it('is told of by hovers and lenses', () => {
  const hover = explainAt(model, file, text.indexOf('VCPU_REGS_RSP] = '));
  const [head = '', ...lines] = hover ? explanationText(hover.explanation).split('\n') : [];
  expect(head).toBe('RSP: written to the register cache, vcpu->arch.regs[VCPU_REGS_RSP], from PVCS rsp');
  expect(lines.find((line) => line.startsWith('PVM'))).toMatch(/PVCS rsp; in at VM-exit, pvm_vcpu_run/);
  expect(lensesOf(model, file, { everyFunction: false }).map(({ title }) => title)).toEqual([
    'RSP -> PVCS before VM-entry',
    'RSP <- PVCS after VM-exit',
  ]);
});

it('is checked as the others are', async () => {
  const findingsIn = (some: RegisterModel) =>
    checkTree(some, RULES).flatMap((finding) => (finding.file === file ? [finding.rule] : []));
  expect(findingsIn(model)).toEqual([]);
  const oneWay = await modelWith(text.replace('pvcs->rsp = vcpu->arch.regs[VCPU_REGS_RSP];', ''));
  expect(findingsIn(oneWay)).toEqual(['tracking/one-way']);
});
