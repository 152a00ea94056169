import type { Registry } from 'prom-client';
import { type Clock, type Database, lastKnown, readMetrics, type Sql } from '../platform/index.ts';
import type { FeedBacklog } from './feed/watch.ts';
import type { HoldState } from './holding.ts';
import type { Pipeline } from './lanes/pipeline.ts';
import { type DeviceTerms, LEDGER_TERMS, readLedger } from './ledger/ledger.ts';
import type { SpoolWatch } from './operations/spoolReport.ts';
import type { Spool } from './spool/index.ts';

const PREFIX = 'faultline_ingest_';
/** The ledger is read at most this often for /metrics. */
const LEDGER_TTL_MS = 5_000;

export interface StoreMetricsDeps {
  metrics: Registry;
  db: Database;
  clock: Clock;
  spool: Spool | null;
  storing: { hold: Readonly<HoldState>; position(): number; lostRanges(): number } | null;
  feeding: { hold: Readonly<HoldState>; position(): number } | null;
  backlog: Readonly<FeedBacklog>;
  spoolWatch: SpoolWatch | null;
  history?: Pick<Pipeline, 'spool' | 'shipper'> | null | undefined;
}

/** What the storing half tells about itself: the ledger, whether it is held, how far it lags. */
export function registerStoreMetrics(deps: StoreMetricsDeps): void {
  const { metrics, clock, spool } = deps;
  const { gauge } = readMetrics(metrics, PREFIX);
  const heldSeconds = (hold: Readonly<HoldState>) =>
    hold.sinceMs === null ? 0 : (clock.nowMs() - hold.sinceMs) / 1000;

  ledgerGauge(deps);
  gauge('feed_batches', 'Batches that wait for analytics', () => deps.backlog.batches);
  gauge('feed_bytes', 'Bytes that wait for analytics', () => deps.backlog.bytes);
  gauge('feed_oldest_seconds', 'Age of the oldest batch that waits for analytics', () =>
    deps.backlog.oldestMs === null ? 0 : (clock.nowMs() - deps.backlog.oldestMs) / 1000,
  );
  const { storing, feeding } = deps;
  if (!spool || !storing || !feeding) return;
  const lag = (position: number, of: Spool = spool) =>
    position < 0 ? Number.NaN : of.latestDurableOffset() - position;
  gauge('store_held', '1 while a store refuses and storing is held', () => (storing.hold.failures > 0 ? 1 : 0));
  gauge('store_held_seconds', 'How long storing has been held', () => heldSeconds(storing.hold));
  gauge('store_lag_bytes', 'Accepted bytes not yet stored', () => lag(storing.position()));
  gauge('feed_held_seconds', 'How long the feed has been held', () => heldSeconds(feeding.hold));
  gauge('feed_lag_bytes', 'Accepted bytes not yet fed to analytics', () => lag(feeding.position()));
  const { history } = deps;
  if (history) {
    const { spool: own, shipper } = history;
    gauge('history_lag_bytes', 'Accepted bytes of history not yet stored', () => lag(shipper.position(), own));
    gauge('history_spool_bytes', 'Bytes of the spool of history on disk', () => own.statistics().diskBytes);
  }
  const { spoolWatch } = deps;
  if (spoolWatch) {
    const reported = (value: number | null) => value ?? Number.NaN;
    gauge('intake_bytes_per_second', 'Bytes accepted, over the last minute', () =>
      reported(spoolWatch.report().intakeBytesPerSecond),
    );
    gauge('drain_bytes_per_second', 'Spooled bytes stored, over the last minute', () =>
      reported(spoolWatch.report().drainBytesPerSecond),
    );
    gauge('spool_hours', 'Hours that the spool lasts at the present intake if nothing is stored', () =>
      reported(spoolWatch.report().hoursIfStoreStops),
    );
    gauge('drained_in_seconds', 'Seconds until all is stored as things stand; NaN: not in sight', () =>
      reported(spoolWatch.report().secondsUntilDrained),
    );
  }
  quarantineGauge(deps);
  gauge('spool_lost_ranges', 'Unreadable stretches of the spool, of unknown content', () => storing.lostRanges());
}

/** By reason over all tenants: enough to alarm on; whose they are is in the ledger and the API. */
function quarantineGauge({ metrics, db, clock }: StoreMetricsDeps): void {
  const reasons = lastKnown<readonly ReasonRow[]>([], () => db.as('shipper', readReasons), {
    clock,
    everyMs: LEDGER_TTL_MS,
  });
  readMetrics(metrics, PREFIX).gaugeBy(
    'quarantined_units',
    'Units that lie in quarantine, by reason',
    ['reason'],
    async () => (await reasons()).map(({ reason_code, units }) => [{ reason: reason_code }, Number(units)] as const),
  );
}

interface ReasonRow {
  reason_code: string;
  units: bigint;
}

async function readReasons(tx: Sql): Promise<ReasonRow[]> {
  const { rows } = await tx.query<ReasonRow>(
    'select reason_code, sum(units)::bigint as units from quarantine where units > 0 group by reason_code',
  );
  return rows;
}

function ledgerGauge({ metrics, db, clock }: StoreMetricsDeps): void {
  const ledger = lastKnown<readonly DeviceTerms[]>([], () => db.as('shipper', readLedger), {
    clock,
    everyMs: LEDGER_TTL_MS,
  });
  readMetrics(metrics, PREFIX).gaugeBy(
    'ledger_units',
    'Units by term; accepted = stored + duplicate + pending + quarantined + expired',
    ['tenant', 'device', 'term'],
    async () =>
      (await ledger()).flatMap(({ tenantId, device, terms }) =>
        LEDGER_TERMS.map((term) => [{ tenant: tenantId, device, term }, terms[term]] as const),
      ),
  );
}
