import type { Place } from '../../backends/place.js';
import { placeTables } from '../../backends/registry.js';
import { CACHE_STRUCT } from '../../facts/symbols/cacheNames.js';
import type { FileFacts } from '../../facts/fileFacts.js';
import { siteAt, type ComponentFacts } from '../../facts/xsave/componentFacts.js';
import { LOADED_MEMBER } from '../../facts/xsave/origins.js';
import type { TreeSymbols } from '../../facts/symbols/treeSymbols.js';
import type { CallGraph } from '../callGraph.js';
import type { Phases } from '../phases.js';
import { hasComponent } from './componentBits.js';
import type { Steps } from '../steps.js';
import { componentsOf } from './components.js';
import { turnedOffComponents } from './coreMasks.js';
import { guestMasks } from './guestMasks.js';
import { vendorModules } from './vendorModules.js';
import { xsaveTransfers } from './xsaveTransfers.js';
import type { Xcr0Rule, XsaveComponent, XsaveModel } from './xsaveModel.js';

/** The parts of a tree's model that are linked to what files say of XSAVE state. */
interface LinkedParts {
  readonly symbols: TreeSymbols;
  readonly graph: CallGraph;
  readonly phases: Phases;
}

/** Links what files say of XSAVE state, in steps. Pure. */
export function* xsaveModel(
  files: readonly FileFacts[],
  facts: ComponentFacts,
  { symbols, graph, phases }: LinkedParts,
): Steps<XsaveModel, 'model'> {
  const sources = new Map(files.map((file) => [file.source.path, file.source]));
  const masks = guestMasks(files, facts, vendorModules(symbols, graph));
  yield 'model';
  const components = componentsOf(facts, masks, turnedOffComponents(files, facts));
  const { kinds: hardware } = placeTables(symbols.backends);
  const guestState = loadedGuestState(symbols);
  const switches = symbols.vmEntryPathNames;
  yield 'model';
  const moves = yield* xsaveTransfers({ graph, phases, switches, sources, hardware, guestState, components: facts });
  return { components, masks, ...moves, rules: xcr0Rules(files, components, facts) };
}

/**
 * Where the state of a guest is that its task has loaded: where the task's pointer leads, KVM's own memory. Before 5.16 a task
 * had one memory of its own, into which a context switch put whatever was loaded, and KVM kept the VMM's aside (`user_fpu`).
 * null where KVM did not, before 4.15: what the task has loaded is the VMM's.
 */
function loadedGuestState({ types }: TreeSymbols): Place | null {
  const isOfTask = types.members.get(CACHE_STRUCT)?.has('user_fpu') ?? false;
  const tasks = types.members.get('fpu');
  if (!isOfTask && tasks && !tasks.has(LOADED_MEMBER)) return null;
  return { kind: 'fpstate', name: isOfTask ? 'task fpstate' : 'arch.guest_fpu', register: null };
}

/** What KVM refuses in a guest's XCR0: the early exits of the function that sets `arch.xcr0` to what it is given. */
function xcr0Rules(
  files: readonly FileFacts[],
  components: readonly XsaveComponent[],
  facts: ComponentFacts,
): Xcr0Rule[] {
  return files.flatMap(({ source, tellingFunctions }) =>
    tellingFunctions.flatMap(({ start, facts: fn }) => {
      const sets = fn.xsave?.moves.some(
        (move) =>
          move.from?.kind === 'parameter' &&
          move.to.kind === 'place' &&
          move.to.place.kind === 'cache' &&
          move.state === 'XCR0',
      );
      if (!sets) return [];
      return (fn.xsave?.refused ?? []).map((refused): Xcr0Rule => ({
        ...siteAt(source, start + refused.offset),
        function: fn.name,
        refused: refused.condition,
        components: componentsIn(refused.masks, components, facts),
      }));
    }),
  );
}

function componentsIn(
  masks: readonly string[],
  components: readonly XsaveComponent[],
  facts: ComponentFacts,
): string[] {
  const bits = masks.reduce((all, name) => all | (facts.bitsOf(name) ?? 0n), 0n);
  return components.filter(({ number }) => hasComponent(bits, number)).map(({ name }) => name);
}
