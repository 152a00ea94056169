import { Gauge, type Registry } from 'prom-client';
import type { Clock, Database } from '../platform/index.ts';
import type { FeedBacklog } from './feed/watch.ts';
import type { HoldState } from './holding.ts';
import type { Pipeline } from './lanes/pipeline.ts';
import { type DeviceTerms, LEDGER_TERMS, readLedger } from './ledger/ledger.ts';
import type { SpoolWatch } from './operations/spoolReport.ts';
import type { Spool } from './spool/index.ts';

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
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  const heldSeconds = (hold: Readonly<HoldState>) =>
    hold.sinceMs === null ? 0 : (clock.nowMs() - hold.sinceMs) / 1000;

  ledgerGauge(deps);
  gauge('faultline_ingest_feed_batches', 'Batches that wait for analytics', () => deps.backlog.batches);
  gauge('faultline_ingest_feed_bytes', 'Bytes that wait for analytics', () => deps.backlog.bytes);
  gauge('faultline_ingest_feed_oldest_seconds', 'Age of the oldest batch that waits for analytics', () =>
    deps.backlog.oldestMs === null ? 0 : (clock.nowMs() - deps.backlog.oldestMs) / 1000,
  );
  const { storing, feeding } = deps;
  if (!spool || !storing || !feeding) return;
  const lag = (position: number) => (position < 0 ? Number.NaN : spool.latestDurableOffset() - position);
  gauge('faultline_ingest_store_held', '1 while a store refuses and storing is held', () =>
    storing.hold.failures > 0 ? 1 : 0,
  );
  gauge('faultline_ingest_store_held_seconds', 'How long storing has been held', () => heldSeconds(storing.hold));
  gauge('faultline_ingest_store_lag_bytes', 'Accepted bytes not yet stored', () => lag(storing.position()));
  gauge('faultline_ingest_feed_held_seconds', 'How long the feed has been held', () => heldSeconds(feeding.hold));
  gauge('faultline_ingest_feed_lag_bytes', 'Accepted bytes not yet fed to analytics', () => lag(feeding.position()));
  const { history } = deps;
  if (history) {
    const { spool: own, shipper } = history;
    gauge('faultline_ingest_history_lag_bytes', 'Accepted bytes of history not yet stored', () =>
      shipper.position() < 0 ? Number.NaN : own.latestDurableOffset() - shipper.position(),
    );
    gauge(
      'faultline_ingest_history_spool_bytes',
      'Bytes of the spool of history on disk',
      () => own.statistics().diskBytes,
    );
  }
  const { spoolWatch } = deps;
  if (spoolWatch) {
    const reported = (value: number | null) => value ?? Number.NaN;
    gauge('faultline_ingest_intake_bytes_per_second', 'Bytes accepted, over the last minute', () =>
      reported(spoolWatch.report().intakeBytesPerSecond),
    );
    gauge('faultline_ingest_drain_bytes_per_second', 'Spooled bytes stored, over the last minute', () =>
      reported(spoolWatch.report().drainBytesPerSecond),
    );
    gauge('faultline_ingest_spool_hours', 'Hours that the spool lasts at the present intake if nothing is stored', () =>
      reported(spoolWatch.report().hoursIfStoreStops),
    );
    gauge('faultline_ingest_drained_in_seconds', 'Seconds until all is stored as things stand; NaN: not in sight', () =>
      reported(spoolWatch.report().secondsUntilDrained),
    );
  }
  quarantineGauge(deps);
  gauge('faultline_ingest_spool_lost_ranges', 'Unreadable stretches of the spool, of unknown content', () =>
    storing.lostRanges(),
  );
}

/** By reason over all tenants: enough to alarm on; whose they are is in the ledger and the API. */
function quarantineGauge({ metrics, db, clock }: StoreMetricsDeps): void {
  let rows: { reason_code: string; units: bigint }[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;
  new Gauge({
    name: 'faultline_ingest_quarantined_units',
    help: 'Units that lie in quarantine, by reason',
    labelNames: ['reason'],
    registers: [metrics],
    async collect() {
      if (clock.nowMs() - readAtMs >= LEDGER_TTL_MS) {
        rows = await db
          .as('shipper', (tx) =>
            tx.query<{ reason_code: string; units: bigint }>(
              'select reason_code, sum(units)::bigint as units from quarantine where units > 0 group by reason_code',
            ),
          )
          .then(
            (result) => result.rows,
            () => rows,
          );
        readAtMs = clock.nowMs();
      }
      this.reset();
      for (const { reason_code, units } of rows) this.set({ reason: reason_code }, Number(units));
    },
  });
}

function ledgerGauge({ metrics, db, clock }: StoreMetricsDeps): void {
  let rows: DeviceTerms[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;
  new Gauge({
    name: 'faultline_ingest_ledger_units',
    help: 'Units by term; accepted = stored + duplicate + pending + quarantined + expired',
    labelNames: ['tenant', 'device', 'term'],
    registers: [metrics],
    async collect() {
      if (clock.nowMs() - readAtMs >= LEDGER_TTL_MS) {
        // While the database is away the last known figures are shown, and the scrape goes on.
        rows = await db.as('shipper', readLedger).catch(() => rows);
        readAtMs = clock.nowMs();
      }
      this.reset();
      for (const { tenantId, device, terms } of rows) {
        for (const term of LEDGER_TERMS) this.set({ tenant: tenantId, device, term }, terms[term]);
      }
    },
  });
}
