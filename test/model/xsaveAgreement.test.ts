import { describe, expect, it } from 'vitest';
import { explainAt } from '../../server/src/explain/explainAt.js';
import { lensesOf } from '../../server/src/explain/lenses.js';
import { readTree } from '../../server/src/model/readTree.js';
import { shownGuard } from '../../server/src/syntax/conditions/guard.js';
import { EGPRS } from '../../server/src/syntax/x86/registers.js';
import { LISTED } from '../kernels/apxDesigns/listedSeries.js';
import { withSeries } from '../kernels/apxDesigns/series.js';
import { identifiersOf } from '../kernels/renaming.js';
import { componentRows } from '../../server/src/explain/xsave/componentRows.js';
import { xsaveJson } from '../../server/src/cli/xsave/xsaveJson.js';
import { stateOwnersJson } from '../../server/src/cli/xsave/stateOwners.js';
import { ownersJson } from '../../server/src/cli/ownersOutput.js';
import { explainXsaveState } from '../../server/src/explain/xsave/explainXsave.js';
import { explanationText } from '../../server/src/explain/explanationText.js';
import { xsaveLenses } from '../../server/src/explain/xsave/xsaveLenses.js';
import { ioctlsOf, useOf } from '../../server/src/model/xsave/componentUse.js';
import { componentSubject } from '../../server/src/model/query/xsaveStates.js';
import { registerNamed } from '../../server/src/model/query/registers.js';
import type { Place } from '../../server/src/backends/place.js';
import type { Register, RegisterModel } from '../../server/src/model/registerModel.js';
import type { XsaveComponent } from '../../server/src/model/xsave/xsaveModel.js';
import { modelOfTree, parser, treeAt } from '../engine.js';
import { describeKernels, kernels } from '../kernels.js';
import { sampleNames, samplePath } from '../samples.js';

const TREES = [
  ...sampleNames().map((name) => ({ name, root: samplePath(name) })),
  ...kernels().map(({ version, root }) => ({ name: `linux-${version}`, root })),
];

/** What each place says of a component, and what contradicts another. */
function contradictions(model: RegisterModel): string[] {
  const { xsave } = model;
  const rows = componentRows(xsave);
  const written = JSON.stringify(xsaveJson(model));
  return xsave.components.flatMap((component, i) => {
    const row = rows[i] ?? [];
    const hover = explanationText(explainXsaveState(model, componentSubject(component))).replace(/\s+/g, ' ');
    const wrong = [
      ...supportContradictions(model, component, { row, hover, json: told(written, component.name, 'supported') }),
      ...placeContradictions(model, component, {
        row,
        hover,
        loadedBy: told(written, component.name, 'loadedBy').match(/\w+/g) ?? [],
      }),
      ...ownerContradictions(model, component),
    ];
    return wrong.map((text) => `${component.name}: ${text}`);
  });
}

/** What `owner --json` lacks of what the component's row has. */
function ownerContradictions(model: RegisterModel, component: XsaveComponent): string[] {
  const { loads, stores, user } = useOf(model.xsave, component);
  const owners = JSON.stringify(stateOwnersJson(model, componentSubject(component)));
  const moves = [...loads, ...stores, ...user];
  const lacking = moves.filter((t) => !owners.includes(`"function":"${t.function}"`));
  // R16-R31 are told by their own owners.
  const isHeld = component.holds === 'R16-R31' && moves.some((t) => isOf('cache', t.from, t.to));
  const held = isHeld ? registerNamed(model, 'R20') : null;
  const heldJson = held ? JSON.stringify(ownersJson(model, held, null)) : '';
  const switches = held ? [...loads, ...stores].filter((t) => !heldJson.includes(`"function":"${t.function}"`)) : [];
  return [
    ...lacking.map((t) => `owner --json lacks ${t.function}`),
    ...switches.map((t) => `owner R20 --json lacks ${t.function}`),
  ];
}

/** What the JSON of a component has under a name, as text; '' for nothing. */
function told(json: string, component: string, key: string): string {
  const start = json.indexOf(`{"name":"${component}"`);
  const at = json.indexOf(`"${key}":`, start) + key.length + 3;
  const [, list, word] = /^(?:\[([^\]]*)\]|"([^"]*)")/.exec(json.slice(at, at + 2000)) ?? [];
  return list ?? word ?? '';
}

const WORDS = { yes: 'yes', no: 'no', conditional: 'conditional', unknown: 'not known' };

function supportContradictions(
  model: RegisterModel,
  { name, supported, supportedBy, declared }: XsaveComponent,
  { row, hover, json }: { readonly row: readonly string[]; readonly hover: string; readonly json: string },
): string[] {
  const lens = xsaveLenses(model, declared.file).find(({ span }) => span.start === declared.offset)?.title ?? '';
  const isDenied = (text: string) => text.includes("guests can't enable it");
  const answers = supportedBy.map((own) => own.supported);
  return [
    ...(row[4] === WORDS[supported] ? [] : [`row says ${row[4] ?? ''}, the model ${supported}`]),
    ...(json === supported ? [] : [`JSON says ${json}`]),
    ...(name !== 'XFEATURE_PKRU' && isDenied(hover) !== (supported === 'no') ? ['hover and model differ'] : []),
    ...(lens !== '' && isDenied(lens) !== (supported === 'no') ? ['lens and model differ'] : []),
    ...(supported === 'no' && answers.some((answer) => answer !== 'no') ? ['a vendor lets what is denied'] : []),
    ...(supported === 'yes' && answers.some((answer) => answer !== 'yes') ? ['a vendor denies what is let'] : []),
  ];
}

interface PlacesTold {
  readonly row: readonly string[];
  readonly hover: string;
  readonly loadedBy: readonly string[];
}

function placeContradictions(model: RegisterModel, component: XsaveComponent, told: PlacesTold): string[] {
  const { loads } = useOf(model.xsave, component);
  const isDifferent = told.loadedBy.length !== new Set(loads.map((t) => t.function)).size;
  const held = component.holds === 'R16-R31' ? registerNamed(model, 'R20') : null;
  return [
    ...(isDifferent ? ['JSON and model differ on loads'] : []),
    ...(held ? heldContradictions(model, component, held, told) : []),
  ];
}

/** What the component's row and R20's owners say that does not go together. */
function heldContradictions(
  model: RegisterModel,
  component: XsaveComponent,
  held: Register,
  { row, hover }: PlacesTold,
): string[] {
  const { loads, stores, user } = useOf(model.xsave, component);
  const all = [...loads, ...stores, ...user];
  const syncs = held.owners.map(({ sync }) => sync);
  const isSwitched = syncs.some((sync) => sync === 'switched' || sync === 'eager');
  const isUsersKnown = held.egpr?.userspace.some((t) => isOf('cache', t.from, t.to)) ?? false;
  const rules: readonly (readonly [boolean, string])[] = [
    [
      all.some((t) => isOf('cache', t.from, t.to)) && all.some((t) => t.from.name === 'arch.guest_fpu'),
      'in regs[] and in the fpstate',
    ],
    [isSwitched && loads.length + stores.length === 0, 'owner says switched, the row nothing'],
    [loads.some(({ from }) => isOf('cache', from)) && !isSwitched, 'the row says regs[], no owner is switched'],
    [
      isUsersKnown && !user.some((t) => isOf('cache', t.from, t.to)),
      'owner knows a way to userspace that the row does not',
    ],
    [syncs.includes('unknown') && row[5] !== 'not known', 'owner is not known, the row is'],
    [isSwitched && hover.includes('loaded from arch.guest_fpu'), 'hover says fpstate'],
  ];
  return rules.flatMap(([isBroken, text]) => (isBroken ? [text] : []));
}

function isOf(kind: string, ...places: readonly (Place | null)[]): boolean {
  return places.some((place) => place?.kind === kind);
}

/** What the owners of R16-R31 say, and lenses and hovers of the assembly that moves them do not. */
function assemblyContradictions(model: RegisterModel): string[] {
  const slots = model.slots.filter(({ member, isGuest }) => isGuest && EGPRS.has(member.register));
  const statements = [
    ...new Map(slots.map((slot) => [`${slot.file} ${String(slot.transfer.instruction.start)}`, slot])).values(),
  ];
  return statements.flatMap(({ file, member, transfer, function: fn }) => {
    const { instruction, isOnVmFail } = transfer;
    const found = explainAt(model, file, instruction.start);
    const hover = found ? explanationText(found.explanation).replace(/\s+/g, ' ') : '';
    const move = registerNamed(model, member.register)
      ?.owners.flatMap(({ load, store }) => [...load, ...store])
      .find((t) => t.file === file && t.offset === instruction.start);
    if (!move) return [];
    const isConditional = move.conditions.length > 0;
    const conditions = move.conditions.filter((guard) => guard.kind !== 'case' && !guard.negated).map(shownGuard);
    // One for each side of VM-entry.
    const lens = lensesOf(model, file, { everyFunction: false })
      .filter(({ span }) => span.start === fn.offset)
      .map(({ title }) => title)
      .join(' · ');
    const rules: readonly (readonly [boolean, string])[] = [
      [!hover.includes(transfer.direction === 'load' ? 'Loads guest' : 'Stores guest'), 'no hover of the direction'],
      [conditions.some((condition) => !hover.includes(condition)), 'hover lacks a condition of the owner'],
      [hover.includes('VM-fail') !== isOnVmFail || move.isOnVmFail !== isOnVmFail, 'VM-fail is said in one place only'],
      [isConditional && fn.entry !== null && !lens.includes('under conditions'), 'no condition in the lens'],
      [isOnVmFail && !lens.includes('on VM-fail'), 'no VM-fail in the lens'],
    ];
    return rules.flatMap(([isBroken, text]) => (isBroken ? [`${fn.name} ${member.register}: ${text}`] : []));
  });
}

describe('what is said of a component in one place no other place contradicts', () => {
  it.each(TREES)('$name', async ({ root }) => {
    const model = await modelOfTree(root);
    expect([...contradictions(model), ...assemblyContradictions(model)]).toEqual([]);
  });
});

describeKernels(
  'and of the series on the list, written into',
  ({ root }) => {
    it('no two places contradict each other', async () => {
      const model = readTree(await parser(), withSeries(treeAt(root), LISTED));
      expect([...contradictions(model), ...assemblyContradictions(model)]).toEqual([]);
    });

    it('userspace gets and sets R16-R31 by all three ioctls', async () => {
      const { xsave } = readTree(await parser(), withSeries(treeAt(root), LISTED));
      const apx = xsave.components.filter(({ holds }) => holds === 'R16-R31');
      const ioctls = apx.flatMap((component) => useOf(xsave, component).user.flatMap(ioctlsOf));
      expect([...ioctls].sort()).toEqual(['KVM_GET_XSAVE', 'KVM_GET_XSAVE2', 'KVM_SET_XSAVE']);
    });
  },
  ({ root }) => identifiersOf(treeAt(root)).has('NR_VCPU_GENERAL_PURPOSE_REGS'),
);
