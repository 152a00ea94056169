import { type Clock, type Database, FaultlineError, type Outbox, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { ApplyReport, ChangeOrigin } from '../graph/assetGraph.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { lockVersion } from '../graph/postgres/lockVersion.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { type Reader, seesAll } from '../model/redaction.ts';
import { modelAt } from '../model/store.ts';
import { takenBack } from '../takenBack.ts';
import { recordProposals } from './authority.ts';
import { recordDuplicates } from './duplicates.ts';
import { type ImportPlan, planImport } from './plan.ts';
import { changesOf, type PreviewedChange } from './preview.ts';
import { type ImportRows, lineError, type Note, type Place } from './rows.ts';
import { recordListed } from './sourceRecords.ts';

/** What a report lists of each sort; the counts beside tell how many there are. */
const MOST_LISTED = 500;

export interface ImportReport extends ApplyReport {
  /** Whether this was a preview: nothing of it stays. */
  readonly dryRun: boolean;
  /** Version of the graph on which the import was planned: what a commit after a preview refers to. */
  readonly baseVersion: bigint;
  readonly warnings: readonly Note[];
  /** Of a preview: the first changes that it would make. */
  readonly changes: readonly PreviewedChange[];
  readonly conflicts: ImportPlan['conflicts'];
  readonly conflictCount: number;
  /** Values that a source of more authority keeps out. */
  readonly rejected: ImportPlan['proposals'];
  readonly rejectedCount: number;
  /** CIs that the source no longer lists. */
  readonly absent: readonly { readonly key: string; readonly type: string; readonly status: string }[];
  readonly absentCount: number;
  /** Tasks opened for CIs that seem to be one. */
  readonly duplicates: number;
}

export interface ImportDeps {
  db: Database;
  outbox: Outbox;
  clock: Clock;
}

export interface ImportOptions {
  /** A source that is remembered by CI; without one nothing is kept of who listed what. */
  readonly source?: string | undefined;
  /** The source tells everything that it has. */
  readonly complete?: boolean | undefined;
  /** The version that a preview was made on. */
  readonly expectedVersion?: bigint | undefined;
  /** Who is shown the report; without one it holds everything. */
  readonly reader?: Reader | undefined;
  /** Told at each step; a failure of it fails the import. */
  readonly progress?: ((stage: string, done: number, total: number) => Promise<void>) | undefined;
}

/**
 * Imports everything or nothing. A preview does the same and takes it back, so that its counts are the real ones.
 * @throws {FaultlineError} CMDB_IMPORT_LINE, which names file, line and field; CMDB_IMPORT_EMPTY; CMDB_IMPORT_MOVED
 */
export async function importGraph(
  deps: ImportDeps,
  tenantId: string,
  rows: ImportRows,
  origin: ChangeOrigin,
  dryRun: boolean,
  options: ImportOptions = {},
): Promise<ImportReport> {
  if (rows.cis.length + rows.relations.length + rows.contacts.length === 0) throw cmdbErrors.CMDB_IMPORT_EMPTY({});
  if (!dryRun) {
    return deps.db.tenant(tenantId, async (tx) => (await importInto(deps, tx, rows, origin, options)).report);
  }
  return takenBack(deps.db, tenantId, async (tx) => {
    const { report, model } = await importInto(deps, tx, rows, origin, options);
    const shown = { model, reader: options.reader, limit: MOST_LISTED };
    const changes = report.version > report.baseVersion ? await changesOf(tx, report.version, shown) : [];
    return { ...report, dryRun, changes };
  });
}

async function importInto(
  deps: ImportDeps,
  tx: Tx,
  rows: ImportRows,
  origin: ChangeOrigin,
  { source, complete, expectedVersion, progress, reader }: ImportOptions,
): Promise<{ report: ImportReport; model: CmdbModel }> {
  const total = rows.cis.length + rows.relations.length + rows.contacts.length;
  const at = new Date(deps.clock.nowMs());
  const { version: baseVersion, modelVersion } = await lockVersion(tx);
  const model = await modelAt(tx, modelVersion);
  if (expectedVersion !== undefined && expectedVersion !== baseVersion) {
    throw cmdbErrors.CMDB_IMPORT_MOVED({ expected: String(expectedVersion), have: String(baseVersion) });
  }
  await progress?.('comparing', 0, total);
  const told = { source, teller: origin.source ?? '', complete: complete ?? false, at };
  const plan = await planImport(tx, model, rows, baseVersion === 0n, told);
  await progress?.('writing', 0, total);
  let done = 0;
  const portion = async (rows: number) => {
    done = Math.min(total, done + rows);
    await progress?.('writing', done, total);
  };
  const written = await applyChanges({ ...deps, written: portion }, tx, plan.changes, origin).catch(
    (error: unknown) => {
      throw atItsLine(error, plan.relationPlaces);
    },
  );
  await progress?.('remembering', total, total);
  const duplicates = await recordDuplicates(tx, plan.duplicates, at);
  if (source !== undefined) {
    await recordListed(tx, source, plan.listed, at);
    const keys = plan.listed.map(({ key }) => key);
    if (baseVersion > 0n) await recordProposals(tx, source, keys, plan.proposals, at);
  }
  const report = {
    ...written,
    dryRun: false,
    baseVersion,
    warnings: plan.warnings,
    changes: [],
    conflicts: plan.conflicts.slice(0, MOST_LISTED),
    conflictCount: plan.conflicts.length,
    rejected: shownProposals(model, reader, plan.proposals.slice(0, MOST_LISTED)),
    rejectedCount: plan.proposals.length,
    absent: plan.absent.slice(0, MOST_LISTED).map(({ key, type, status }) => ({ key, type, status })),
    absentCount: plan.absent.length,
    duplicates,
  };
  return { report, model };
}

/** Proposals as somebody may see them: of sensitive attributes without their values. */
function shownProposals(
  model: CmdbModel,
  reader: Reader | undefined,
  proposals: ImportPlan['proposals'],
): ImportPlan['proposals'] {
  if (reader === undefined || seesAll(reader)) return proposals;
  return proposals.map((one) => (model.sensitive(one.type).has(one.field) ? { ...one, value: null, kept: null } : one));
}

/** A CI may have gone between looking and writing. */
function atItsLine(error: unknown, places: readonly Place[]): unknown {
  if (!(error instanceof FaultlineError) || error.code !== 'CMDB_RELATION_END_UNKNOWN') return error;
  const { place, end } = error.detail as { place: number; end: string };
  return lineError(places[place]!, end, error.message);
}
