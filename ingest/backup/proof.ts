import { LEDGER_TERMS } from '../ledger/ledger.ts';

interface Queried {
  query<Row>(text: string): Promise<{ rows: Row[] }>;
}

/** Each tenant's ledger beside what the database's own stores hold: what a restore must find again, to the unit. */
export async function ledgerProof(sql: Queried): Promise<Record<string, string | number>[]> {
  const terms = LEDGER_TERMS.map((term) => `coalesce(l.${term}, 0)::text as ${term}`).join(', ');
  const sums = LEDGER_TERMS.map((term) => `sum(${term}) as ${term}`).join(', ');
  const { rows } = await sql.query<Record<string, string | number>>(
    `select t.slug as tenant, ${terms},
       (select count(*)::text from telemetry r where r.tenant_id = t.id) as readings,
       (select count(*)::text from waveform w where w.tenant_id = t.id) as waveforms,
       (select count(*)::text from quarantine q where q.tenant_id = t.id) as quarantine_entries
     from tenant t left join (select tenant_id, ${sums} from ingest_ledger group by tenant_id) l on l.tenant_id = t.id
     order by t.slug`,
  );
  return rows;
}
