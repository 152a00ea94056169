import type { Sql } from '../../platform/index.ts';
import { plainArray, textArray } from '../store/postgres/literals.ts';

/** Where a unit can be. Every accepted unit is in exactly one of the last five. */
export const LEDGER_TERMS = ['accepted', 'stored', 'duplicate', 'pending', 'quarantined', 'expired'] as const;
export type LedgerTerm = (typeof LEDGER_TERMS)[number];

/** Units per term. */
export type LedgerTerms = Record<LedgerTerm, number>;

interface DeviceEntry {
  tenantId: string;
  device: string;
  terms: LedgerTerms;
}

/** Movements of units, gathered in memory and posted in the transaction that moves them. */
export class LedgerEntry {
  /** By tenant, then by device: joining both into a key for every message costs more than all the rest. */
  readonly #byTenant = new Map<string, Map<string, DeviceEntry>>();

  /** The terms of a device, to add to. */
  of(tenantId: string, device: string): LedgerTerms {
    let devices = this.#byTenant.get(tenantId);
    if (!devices) {
      devices = new Map();
      this.#byTenant.set(tenantId, devices);
    }
    let entry = devices.get(device);
    if (!entry) {
      entry = { tenantId, device, terms: noTerms() };
      devices.set(device, entry);
    }
    return entry.terms;
  }

  /** Adds units to a term; a negative number takes them away, when they move on to another term. */
  add(tenantId: string, device: string, term: LedgerTerm, units: number): this {
    if (units !== 0) this.of(tenantId, device)[term] += units;
    return this;
  }

  /** Moves units from one term to another. */
  move(tenantId: string, device: string, from: LedgerTerm, to: LedgerTerm, units: number): this {
    return this.add(tenantId, device, from, -units).add(tenantId, device, to, units);
  }

  /** What was gathered, in the one order in which every writer takes the rows' locks. */
  rows(): DeviceEntry[] {
    const entries = [...this.#byTenant.values()].flatMap((devices) => [...devices.values()]);
    return entries.sort((a, b) =>
      a.tenantId === b.tenantId ? order(a.device, b.device) : order(a.tenantId, b.tenantId),
    );
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function noTerms(): LedgerTerms {
  return { accepted: 0, stored: 0, duplicate: 0, pending: 0, quarantined: 0, expired: 0 };
}

/** accepted = stored + duplicate + pending + quarantined + expired. */
export function isBalanced(terms: LedgerTerms): boolean {
  return terms.accepted === terms.stored + terms.duplicate + terms.pending + terms.quarantined + terms.expired;
}

/** Posts movements within the transaction that makes them true. */
export async function postLedger(tx: Sql, entry: LedgerEntry): Promise<void> {
  const rows = entry.rows();
  if (rows.length === 0) return;
  const sums = LEDGER_TERMS.map((term) => `${term} = l.${term} + excluded.${term}`).join(', ');
  await tx.query(
    `insert into ingest_ledger as l (tenant_id, device, ${LEDGER_TERMS.join(', ')})
     select * from unnest($1::uuid[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[])
     on conflict (tenant_id, device) do update set ${sums}`,
    [
      plainArray(rows.map((row) => row.tenantId)),
      textArray(rows.map((row) => row.device)),
      ...LEDGER_TERMS.map((term) => plainArray(rows.map((row) => row.terms[term]))),
    ],
  );
}

export interface DeviceTerms {
  tenantId: string;
  device: string;
  terms: LedgerTerms;
}

/** The ledger as the transaction's role sees it: one tenant's, or everybody's for the shipper. */
export async function readLedger(tx: Sql): Promise<DeviceTerms[]> {
  const { rows } = await tx.query<{ tenant_id: string; device: string } & Record<LedgerTerm, bigint>>(
    `select tenant_id, device, ${LEDGER_TERMS.join(', ')} from ingest_ledger order by tenant_id, device`,
  );
  return rows.map((row) => {
    const terms = noTerms();
    for (const term of LEDGER_TERMS) terms[term] = Number(row[term]);
    return { tenantId: row.tenant_id, device: row.device, terms };
  });
}

/** Sums over devices. */
export function totalTerms(rows: readonly { terms: LedgerTerms }[]): LedgerTerms {
  const total = noTerms();
  for (const row of rows) for (const term of LEDGER_TERMS) total[term] += row.terms[term];
  return total;
}
