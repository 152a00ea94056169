import { type Database, FaultlineError, type Sql } from '../../platform/index.ts';
import type { Stores } from '../ship/settle.ts';
import { isBalanced, type LedgerTerms, noTerms, readLedger, totalTerms } from './ledger.ts';

export interface LedgerLine extends LedgerTerms {
  /** Units found by counting the stores; null when not asked for, or while a store does not answer. */
  storedCount: number | null;
  /** The terms add up, and the stores hold as many units as are booked as stored. */
  balanced: boolean;
}

export interface LedgerReport extends LedgerLine {
  devices: (LedgerLine & { device: string })[];
}

/**
 * The ledger of one tenant beside what the stores really hold, both from one snapshot, so that it balances while data
 * are coming in, too.
 */
export async function ledgerReport(
  db: Database,
  stores: Stores,
  tenantId: string,
  options: { countStores: boolean },
): Promise<LedgerReport> {
  const report = async () => {
    const first = await snapshot(db, stores, tenantId, options);
    // A day that retention drops in between is gone for older snapshots, too: only what is seen twice is so.
    return first.balanced ? first : snapshot(db, stores, tenantId, options);
  };
  if (!options.countStores || !stores.telemetry.still) return report();
  // While the store is away no moment is still: the report is made all the same, without a count.
  return stores.telemetry.still(report).catch(report);
}

function snapshot(
  db: Database,
  stores: Stores,
  tenantId: string,
  options: { countStores: boolean },
): Promise<LedgerReport> {
  return db.tenant(tenantId, async (tx) => {
    await tx.query('set transaction isolation level repeatable read');
    const rows = await readLedger(tx);
    const counted = options.countStores ? await countStores(tx, stores, tenantId) : null;
    const terms = new Map(rows.map((row) => [row.device, row.terms]));
    // A device that is in a store but not in the ledger must not go unnoticed.
    for (const device of counted?.keys() ?? []) if (!terms.has(device)) terms.set(device, noTerms());
    const devices = [...terms]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([device, own]) => ({ device, ...lineOf(own, counted && (counted.get(device) ?? 0)) }));
    const storedCount = counted && [...counted.values()].reduce((sum, count) => sum + count, 0);
    const total = lineOf(totalTerms([...terms.values()].map((own) => ({ terms: own }))), storedCount);
    return { ...total, balanced: total.balanced && devices.every((device) => device.balanced), devices };
  });
}

async function countStores(tx: Sql, stores: Stores, tenantId: string): Promise<Map<string, number> | null> {
  const counted = new Map<string, number>();
  try {
    const counts = [
      ...(await stores.telemetry.count(tenantId, {}, tx)),
      ...(await stores.waveforms.count(tenantId, undefined, tx)),
    ];
    for (const { device, count } of counts) counted.set(device, (counted.get(device) ?? 0) + count);
    return counted;
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'STORE_UNAVAILABLE') return null;
    throw error;
  }
}

function lineOf(terms: LedgerTerms, storedCount: number | null): LedgerLine {
  const agrees = storedCount === null || storedCount === terms.stored;
  return { ...terms, storedCount, balanced: isBalanced(terms) && agrees };
}
