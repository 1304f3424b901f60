import { RequestType, type Diagnostic } from 'vscode-languageserver';
import { DIAGNOSTICS_SOURCE } from '../../../../protocol/protocol.js';
import { unjudged } from '../../check/checkTree.js';
import type { Finding } from '../../check/finding.js';
import { RULES } from '../../check/rules.js';
import { sourceOf } from '../../model/query/text.js';
import type { RegisterModel } from '../../model/registerModel.js';
import type { Steps } from '../../model/steps.js';
import type { AnswerOptions } from '../answerOptions.js';
import type { EngineRequest } from '../engine/engineProtocol.js';
import type { Place, Trees } from '../engine/trees.js';
import { directoryUri, locationsOf, rangeOf, uriOf } from '../positions.js';
import { settingIn, switchSetting } from '../settings.js';
import { diagnosticsPublisher, NO_DIAGNOSTICS, type FoundDiagnostics } from './diagnosticsPublisher.js';
import type { Feature } from './feature.js';
import { APX_READINESS, SEVERITY, severityOf } from './findingSeverity.js';
import { findingsOf } from './treeFindings.js';

const isOn = switchSetting(
  'check.enable',
  true,
  'What `kvm-regs check` finds in the trees that are open, as diagnostics.',
);

/** Asks for the diagnostics of all trees. The question: the URIs of open documents, as the client writes them. */
const request: EngineRequest<readonly string[], FoundDiagnostics> = new RequestType('diagnostics');

/**
 * What `kvm-regs check` finds in the trees, whichever of their files are open: a finding does not go with an editor that is closed.
 * They are published, not asked for: LSP's textDocument/publishDiagnostics.
 */
export const diagnostics: Feature = {
  capability: {},
  settings: [isOn, APX_READINESS, SEVERITY],
  serve: (connection, server) => {
    const publisher = diagnosticsPublisher(connection, server, async (uris, token) =>
      settingIn(server.settings(), isOn) ? server.ask(request, uris, token) : NO_DIAGNOSTICS,
    );
    server.onChange(publisher.changed);
    server.documents.onDidChangeContent(publisher.changed);
    server.documents.onDidClose(publisher.changed);
  },
  engage: (engine) => {
    engine.answer(request, 'background', function* (trees, uris, options) {
      const { files, standing } = yield* filesWithFindings(trees, uris);
      const documents = files
        .map((file) => ({ uri: file.uri, diagnostics: diagnosticsOf(file, engine.rulesPage, options) }))
        .filter(({ uri, diagnostics }) => diagnostics.length > 0 || uris.includes(uri));
      return { documents, standing };
    });
  },
};

/** A file with what is found in it. */
interface FileFindings {
  readonly place: Place;
  /** As the client writes it where it has the file open. */
  readonly uri: string;
  readonly findings: readonly Finding[];
}

/** What is found in trees, and where that cannot be said now: while code is half typed, what was found before would only blink. */
interface TreesFindings extends Pick<FoundDiagnostics, 'standing'> {
  readonly files: readonly FileFindings[];
}

function* filesWithFindings(trees: Trees, openUris: readonly string[]): Steps<TreesFindings> {
  const isJudged = (model: RegisterModel) => unjudged(model).length === 0;
  const open: FileFindings[] = [];
  const standing: string[] = [];
  for (const uri of openUris) {
    const place = yield* trees.place(uri);
    if (!place) continue;
    if (!isJudged(place.model)) {
      standing.push(uri);
      continue;
    }
    const findings = yield* findingsOf(place.model);
    open.push({ place, uri, findings: findings.filter(({ file }) => file === place.path) });
  }
  const others: FileFindings[] = [];
  for (const { model, root } of yield* trees.all()) {
    if (!isJudged(model)) {
      standing.push(directoryUri(root));
      continue;
    }
    const findings = yield* findingsOf(model);
    for (const path of new Set(findings.map(({ file }) => file))) {
      if (open.some(({ place }) => place.model === model && place.path === path)) continue;
      const place = { model, root, path };
      others.push({ place, uri: uriOf(root, path), findings: findings.filter(({ file }) => file === path) });
    }
  }
  return { files: [...open, ...others], standing };
}

/** Findings as the protocol has them. `rulesPage`: the URI of the page that tells of the rules. */
function diagnosticsOf({ place, findings }: FileFindings, rulesPage: string, options: AnswerOptions): Diagnostic[] {
  const source = sourceOf(place.model, place.path);
  if (!source) return [];
  return findings.flatMap((finding): Diagnostic[] => {
    const rule = RULES.find(({ id }) => id === finding.rule);
    const severity = rule && severityOf(rule, place.model, options.settings);
    if (!rule || severity === null || severity === undefined) return [];
    const shown: Diagnostic = {
      range: rangeOf(source, finding.span, options.encoding),
      severity,
      source: DIAGNOSTICS_SOURCE,
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
