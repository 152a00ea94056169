import type { Clock, Database, Logger, Service } from '../../platform/index.ts';
import { loopService, reasonOf } from '../../platform/index.ts';
import type { Stores } from '../ship/settle.ts';
import type { Spool } from '../spool/index.ts';
import { type LedgerReport, ledgerReport } from './report.ts';
import { tallySpool } from './tally.ts';

const INTERVAL_MS = 1_000;
/** A report waits so long for a batch on its way into the stores: without it, what arrived meanwhile would be missing. */
const REPORT_PATIENCE_MS = 2_000;

export interface BooksDeps {
  db: Database;
  stores: Stores;
  /** The spools of this process; none where messages are taken in by another, which counts them once a second. */
  spools: readonly Spool[];
  clock: Clock;
  log: Logger;
}

/** Keeps the ledger up to date with the spool of its process, and reads it out. */
export interface Books extends Service {
  report(tenantId: string, options: { countStores: boolean }): Promise<LedgerReport>;
}

export function createBooks(deps: BooksDeps): Books {
  const { db, spools, clock, log } = deps;

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && spools.length > 0) {
      for (const spool of spools)
        await tallySpool(db, spool).catch((error: unknown) =>
          log.warn({ reason: reasonOf(error) }, 'the spool could not be counted; it is tried again'),
        );
      await clock.sleep(INTERVAL_MS, signal);
    }
  };

  return {
    report: async (tenantId, options) => {
      for (const spool of spools) await tallySpool(db, spool, REPORT_PATIENCE_MS);
      return ledgerReport(db, deps.stores, tenantId, options);
    },
    ...loopService(run),
  };
}
