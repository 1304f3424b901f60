import { isRecord } from './isRecord.js';

/** A setting of section `kvmRegs` as package.json contributes it and docs/settings.md tells it (`npm run settings` writes both). */
export interface SettingSchema {
  /** Its name in the section: `hover.enable`. */
  readonly key: string;
  /** Its type, as JSON Schema has it. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly default: unknown;
  readonly description: string;
}

/** A setting that is read as a value of a type. */
export interface Setting<Value> extends SettingSchema {
  readonly default: Value;
  /** The value that a client gave; null for one of another type. */
  readonly read: (given: unknown) => Value | null;
}

/** A setting that turns something on or off. */
export function switchSetting(key: string, isOn: boolean, description: string): Setting<boolean> {
  return {
    key,
    schema: { type: 'boolean' },
    default: isOn,
    description,
    read: (given) => (typeof given === 'boolean' ? given : null),
  };
}

/** The backends that answers tell of; all that the tree has when empty. */
export const BACKENDS: Setting<readonly string[]> = {
  key: 'backends',
  schema: { type: 'array', items: { type: 'string' } },
  default: [],
  description: 'The backends that answers tell of, `["svm"]` for example; all that the tree has when empty.',
  read: (given) =>
    Array.isArray(given) ? given.filter((backend): backend is string => typeof backend === 'string') : null,
};

/** Whether facts of functions are kept between sessions. Heeded when the server starts. */
export const CACHE: Setting<boolean> = switchSetting(
  'cache.enable',
  true,
  'Keep what was read of functions on disk, outside of kernel trees, so that the next start is faster. Heeded when the server starts.',
);

/** A setting's value in section `kvmRegs` as a client gave it; the default where it is absent or of another type. */
export function settingIn<Value>(section: unknown, setting: Setting<Value>): Value {
  return setting.read(valueAt(section, setting.key)) ?? setting.default;
}

/** The value at `hover.enable`, as nested members or as one key. */
function valueAt(section: unknown, key: string): unknown {
  if (!isRecord(section)) return undefined;
  if (key in section) return section[key];
  return key.split('.').reduce<unknown>((value, part) => (isRecord(value) ? value[part] : undefined), section);
}
