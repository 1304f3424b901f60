import { DiagnosticSeverity, RequestType, type Diagnostic } from 'vscode-languageserver';
import { memoizeStepsByIdentity } from '../../cache/memoize.js';
import { checkSteps, unjudged } from '../../check/checkTree.js';
import type { Finding, Rule } from '../../check/finding.js';
import { RULES } from '../../check/rules.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Steps } from '../../model/steps.js';
import { sourceOf } from '../../model/query/text.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { EngineRequest } from '../engine/engineProtocol.js';
import type { Place, Trees } from '../engine/trees.js';
import { isRecord } from '../isRecord.js';
import { locationsOf, rangeOf } from '../positions.js';
import { settingIn, switchSetting, type Setting } from '../settings.js';
import { diagnosticsPublisher, type DocumentDiagnostics } from './diagnosticsPublisher.js';
import type { Feature } from './feature.js';

/** Whose our diagnostics are, as the client shows it. */
export const SOURCE = 'kvm-regs';

const isOn = switchSetting(
  'check.enable',
  true,
  'What `kvm-regs check` finds in open files, as diagnostics: mistakes in register tracking, and what holds fewer than 32 GPRs.',
);

/** How a finding can be shown. */
const SEVERITIES: Readonly<Record<string, DiagnosticSeverity | null>> = {
  off: null,
  hint: DiagnosticSeverity.Hint,
  info: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  error: DiagnosticSeverity.Error,
};

/** Rule or family -> how the user wants its findings shown. */
const severities: Setting<Readonly<Record<string, string>>> = {
  key: 'check.severity',
  schema: { type: 'object', additionalProperties: { type: 'string', enum: Object.keys(SEVERITIES) } },
  default: {},
  description:
    'How findings are shown, by family or by rule: `{ "apx": "off", "tracking": "warning" }`; a rule goes before its family. The rules: `kvm-regs rules`.',
  read: (given) => {
    if (!isRecord(given)) return null;
    const known = Object.entries(given).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && Object.hasOwn(SEVERITIES, entry[1]),
    );
    return Object.fromEntries(known);
  },
};

/** Asks for the diagnostics of documents: none of one in no tree, and no answer for one in a tree that cannot be judged now. */
const request: EngineRequest<readonly string[], readonly DocumentDiagnostics[]> = new RequestType('diagnostics');

/** What `kvm-regs check` finds in open documents. They are published, not asked for: LSP's textDocument/publishDiagnostics. */
export const diagnostics: Feature = {
  capability: {},
  settings: [isOn, severities],
  serve: (connection, server) => {
    const publisher = diagnosticsPublisher(connection, server, async (uris, token) =>
      settingIn(server.settings(), isOn)
        ? server.ask(request, uris, token)
        : uris.map((uri) => ({ uri, diagnostics: [] })),
    );
    server.onChange(publisher.changed);
    server.documents.onDidChangeContent(publisher.changed);
    server.documents.onDidClose(({ document }) => {
      publisher.closed(document.uri);
    });
  },
  engage: (engine) => {
    engine.answer(request, 'background', function* (trees, uris, options) {
      const found: DocumentDiagnostics[] = [];
      for (const uri of uris) {
        const at = yield* findingsIn(trees, uri);
        // While code is half typed, what was found before stands: it would only blink.
        if (at && unjudged(at.place.model).length > 0) continue;
        found.push({ uri, diagnostics: at ? diagnosticsOf(at, engine.rulesPage, options) : [] });
      }
      return found;
    });
  },
};

/** Findings are of the whole tree: made once for each model, however many of its files are open. */
const findingsOf = memoizeStepsByIdentity((model: RegisterModel) => checkSteps(model, RULES));

/** A document's place with the findings in it. */
interface PlaceFindings {
  readonly place: Place;
  readonly findings: readonly Finding[];
}

function* findingsIn(trees: Trees, uri: string): Steps<PlaceFindings | null> {
  const place = yield* trees.place(uri);
  if (!place) return null;
  const findings = yield* findingsOf(place.model);
  return { place, findings: findings.filter(({ file }) => file === place.path) };
}

/** Findings as the protocol has them. `rulesPage`: the URI of the page that tells of the rules. */
function diagnosticsOf({ place, findings }: PlaceFindings, rulesPage: string, options: AnswerOptions): Diagnostic[] {
  const source = sourceOf(place.model, place.path);
  if (!source) return [];
  return findings.flatMap((finding): Diagnostic[] => {
    const rule = RULES.find(({ id }) => id === finding.rule);
    const severity = rule && severityOf(rule, options);
    if (!rule || severity === null || severity === undefined) return [];
    const shown: Diagnostic = {
      range: rangeOf(source, finding.span, options.encoding),
      severity,
      source: SOURCE,
      code: rule.id,
      codeDescription: { href: `${rulesPage}#${ruleAnchor(rule.id)}` },
      message: finding.message,
    };
    if (!options.hasRelatedInformation) return [shown];
    const relatedInformation = finding.related.flatMap(({ file, span, message }) =>
      locationsOf(place, [{ file, ...span }], options.encoding).map((location) => ({ location, message })),
    );
    return [{ ...shown, relatedInformation }];
  });
}

/** The heading of a rule on the rules' page, as Markdown readers make its anchor. */
function ruleAnchor(id: string): string {
  return id.replace('/', '');
}

/** How a rule's findings are shown: as the user's settings say, else the rule itself; null for not at all. */
function severityOf(rule: Rule, { settings }: AnswerOptions): DiagnosticSeverity | null {
  const wanted = settingIn(settings, severities);
  const own = wanted[rule.id] ?? wanted[rule.family] ?? rule.severity;
  return SEVERITIES[own] ?? null;
}
