import { isRecord } from './protocol.js';
import { SETTINGS, SEVERITY_NAMES } from './settings.js';

/** The values of our settings, by key. */
export interface Configuration {
  /** Whether a boolean setting is on. */
  readonly isOn: (key: string) => boolean;
  readonly backends: readonly string[];
  /** Rule or family -> severity. */
  readonly severities: Readonly<Record<string, string>>;
}

/** Reads section `kvmRegs`; a value that is absent or of another type is the default. */
export function configurationOf(section: unknown): Configuration {
  const values = new Map(SETTINGS.map((setting) => [setting.key, valueAt(section, setting.key) ?? setting.default]));
  const backends = values.get('backends');
  return {
    isOn: (key) => {
      const value = values.get(key);
      const fallback = SETTINGS.find((setting) => setting.key === key)?.default;
      return typeof value === 'boolean' ? value : fallback === true;
    },
    backends: Array.isArray(backends)
      ? backends.filter((backend): backend is string => typeof backend === 'string')
      : [],
    severities: severitiesIn(values.get('check.severity')),
  };
}

function severitiesIn(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  const known = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && SEVERITY_NAMES.includes(entry[1]),
  );
  return Object.fromEntries(known);
}

/** The value at `hover.enable`, as nested members or as one key. */
function valueAt(section: unknown, key: string): unknown {
  if (!isRecord(section)) return undefined;
  if (key in section) return section[key];
  return key.split('.').reduce<unknown>((value, part) => (isRecord(value) ? value[part] : undefined), section);
}
