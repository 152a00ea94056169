import { type Clock, type Database, FaultlineError, type Outbox, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { ApplyReport, ChangeOrigin } from '../graph/assetGraph.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { currentModel } from '../model/store.ts';
import { type ImportRows, lineError } from './rows.ts';
import { type Understood, understand } from './understand.ts';

export interface ImportReport extends ApplyReport {
  /** Whether this was a preview: nothing of it stays. */
  readonly dryRun: boolean;
  readonly warnings: Understood['warnings'];
}

export interface ImportDeps {
  db: Database;
  outbox: Outbox;
  clock: Clock;
}

/** Carries the report of a preview out of the transaction that is rolled back. */
class Preview extends Error {
  readonly report: ImportReport;

  constructor(report: ImportReport) {
    super('preview');
    this.report = report;
  }
}

/**
 * Imports everything or nothing. A preview does the same and takes it back, so that its counts are the real ones.
 * @throws {FaultlineError} CMDB_IMPORT_LINE, which names file, line and field; CMDB_IMPORT_EMPTY
 */
export async function importGraph(
  deps: ImportDeps,
  tenantId: string,
  rows: ImportRows,
  origin: ChangeOrigin,
  dryRun: boolean,
): Promise<ImportReport> {
  if (rows.cis.length + rows.relations.length + rows.contacts.length === 0) throw cmdbErrors.CMDB_IMPORT_EMPTY({});
  try {
    return await deps.db.tenant(tenantId, async (tx) => {
      const { changes, relationPlaces, warnings } = understand(
        await currentModel(tx),
        rows,
        await existingTypes(tx, rows),
      );
      const report = await applyChanges(deps, tx, changes, origin).catch((error: unknown) => {
        throw atItsLine(error, relationPlaces);
      });
      const told = { ...report, dryRun, warnings };
      if (dryRun) throw new Preview(told);
      return told;
    });
  } catch (error) {
    if (error instanceof Preview) return error.report;
    throw error;
  }
}

/** Types of the CIs that relations and contacts name without telling them. */
async function existingTypes(tx: Tx, rows: ImportRows): Promise<Map<string, string>> {
  const told = new Set(rows.cis.map((row) => row.key));
  const named = new Set<string>();
  for (const { from, to } of rows.relations) {
    if (!told.has(from)) named.add(from);
    if (!told.has(to)) named.add(to);
  }
  for (const { object } of rows.contacts) for (const key of [object, object.replace(/^[a-z_]+\./i, '')]) named.add(key);
  const { rows: found } = await tx.query<{ key: string; type: string }>(
    'select key, type from cmdb_ci where tenant_id = $1 and key = any ($2::text[])',
    [tx.tenantId, [...named]],
  );
  return new Map(found.map(({ key, type }) => [key, type]));
}

/** A CI may have gone between looking and writing. */
function atItsLine(error: unknown, places: Understood['relationPlaces']): unknown {
  if (!(error instanceof FaultlineError) || error.code !== 'CMDB_RELATION_END_UNKNOWN') return error;
  const { place, end } = error.detail as { place: number; end: string };
  return lineError(places[place]!, end, error.message);
}
