import type { Registry } from 'prom-client';
import type { Clock, Database, Jobs, Logger, Service } from '../platform/index.ts';
import { createRecheck } from '../platform/index.ts';
import type { TimePolicy } from './arrivalTime.ts';
import type { Observations } from './devices/index.ts';
import { createNudger } from './feed/nudger.ts';
import { analyticsPartition } from './feed/take.ts';
import { createFeedWatch, type FeedWatch } from './feed/watch.ts';
import { givesWay } from './lanes/givesWay.ts';
import { historyRoom } from './lanes/historyRoom.ts';
import { createPipeline, type Pipeline, type PipelineDeps } from './lanes/pipeline.ts';
import { createBooks } from './ledger/books.ts';
import type { LedgerReport } from './ledger/report.ts';
import { announced } from './live/announced.ts';
import { createLiveStream, type LiveStream } from './live/liveStream.ts';
import { FormatShelf } from './mapping/shelf.ts';
import { createLedgerHours } from './operations/ledgerHours.ts';
import { type ReplayResult, replayQuarantined } from './quarantine/replay.ts';
import { createRetention } from './retention.ts';
import type { Stores } from './ship/settle.ts';
import type { Spool } from './spool/index.ts';
import { DAY_NS, partitionsOf } from './store/postgres/partitions.ts';
import { postgresTelemetryStore } from './store/postgres/telemetryStore.ts';
import { postgresWaveformStore } from './store/postgres/waveformStore.ts';
import type { Objects } from './store/s3/objects.ts';
import { s3WaveformStore } from './store/s3/waveformStore.ts';
import type { TelemetryStore } from './store/telemetryStore.ts';
import type { WaveformStore } from './store/waveformStore.ts';
import { registerStoreMetrics } from './storeMetrics.ts';

export interface IngestStoreSettings {
  /** Onto how many partitions points are hashed for analytics. The same in all processes; change it with an empty feed. */
  partitions: number;
  /** Device times further ahead are flagged; smaller skews are left alone. */
  futureSkewMs: number;
  telemetryRetentionDays: number;
  waveformRetentionDays: number;
  /** Longer payloads are cut when quarantined: at least what the front lets in. */
  maxPayloadBytes: number;
  /** The feed holds when this much waits for analytics. Default 2 GiB. */
  feedLimitBytes?: number;
}

export interface IngestStoresDeps {
  db: Database;
  /** The spool of this process; null in a process that takes nothing in and only reads (`--roles api`). */
  spool: Spool | null;
  /** The spool of history, which waits behind live data; without it, history is like live data. */
  history?: Spool | null;
  /** Looks at what is stored; absent where there are no devices to look at. */
  observations?: Observations;
  jobs: Pick<Jobs, 'enqueue'>;
  clock: Clock;
  log: Logger;
  metrics: Registry;
  settings: IngestStoreSettings;
  /** Where readings live, when that is not the system of record. */
  telemetry?: (TelemetryStore & Service) | null;
  /** Where waveforms' samples go; absent: into PostgreSQL. */
  objects?: Objects | null;
}

/** The storing half of ingest: its stores, its books, and the loops that carry the spool into both. */
export interface IngestStores extends Service {
  readonly telemetry: TelemetryStore;
  readonly waveforms: WaveformStore;
  /** Readings as they are stored, by whichever process. */
  readonly live: LiveStream;
  ledger(tenantId: string, options?: { countStores?: boolean }): Promise<LedgerReport>;
  replay(tenantId: string, quarantineId: string): Promise<ReplayResult>;
}

/** How far ahead of its arrival a time may lie to be taken for a measurement at all. */
const FURTHEST_AHEAD_NS = DAY_NS;
const FEED_LIMIT_BYTES = 2 * 1024 ** 3;
/** A transaction of history is short: live data may have to wait for one that has begun. */
const HISTORY_BATCH_BYTES = 256 * 1024;
/** Beside a store of its own the database writes a row a series and batch: larger batches cost it a third less, and us as well. */
const REMOTE_BATCH_BYTES = 4 * 1024 * 1024;
/** Repetitions follow a lost acknowledgement or a reconnection. Each reading without a time of its own costs a row as long. */
const REPETITION_WINDOW_DAYS = 1;

/** Puts the storing half together; nothing runs before `start`. */
export function createIngestStores(deps: IngestStoresDeps): IngestStores {
  const { db, spool, clock, log, settings } = deps;
  const partitions = partitionsOf(db);
  const stores: Stores = {
    telemetry: announced(deps.telemetry ?? postgresTelemetryStore(db, partitions), clock),
    waveforms: deps.objects ? s3WaveformStore(db, partitions, deps.objects) : postgresWaveformStore(db, partitions),
  };
  const policy: TimePolicy = {
    toleratedSkewNs: BigInt(settings.futureSkewMs) * 1_000_000n,
    furthestAheadNs: FURTHEST_AHEAD_NS,
    retentionNs: BigInt(settings.telemetryRetentionDays) * DAY_NS,
  };
  const nudger = createNudger({
    ...{ clock, log },
    send: async (targets) => {
      await Promise.all(
        targets.map(({ tenantId, partition }) =>
          deps.jobs.enqueue(analyticsPartition, { tenantId, partition }, { id: `${tenantId}-${partition}` }),
        ),
      );
    },
  });
  const { nudge } = nudger;
  const watch = createFeedWatch({ db, clock, log, nudge, limitBytes: settings.feedLimitBytes ?? FEED_LIMIT_BYTES });
  const books = createBooks({ db, stores, spools: [spool, deps.history].filter((one) => one != null), clock, log });
  const retention = createRetention({
    db,
    stores,
    partitions,
    clock,
    log,
    settings: {
      telemetryDays: settings.telemetryRetentionDays,
      waveformDays: settings.waveformRetentionDays,
      repetitionWindowDays: REPETITION_WINDOW_DAYS,
    },
  });

  const live = createLiveStream({ db, clock, log, recheck: createRecheck({ db, clock }) });

  const formats = new FormatShelf({ db, log, role: 'shipper' });
  const shared = {
    ...{ db, stores, policy, formats, clock, log, nudge },
    partitions: settings.partitions,
    maxPayloadBytes: settings.maxPayloadBytes,
    ...(deps.observations ? { observations: deps.observations } : {}),
  };
  const batchBytes = deps.telemetry ? { batchBytes: REMOTE_BATCH_BYTES } : {};
  const liveLane = spool && createPipeline({ ...shared, ...batchBytes, lane: 'live', spool, room: watch.room });
  const historyLane = liveLane && deps.history && historyPipeline(shared, liveLane, deps.history, watch);
  registerStoreMetrics({
    ...{ metrics: deps.metrics, db, clock, spool, spoolWatch: liveLane?.watch ?? null, history: historyLane },
    ...{ storing: liveLane?.shipper ?? null, feeding: liveLane?.feeder ?? null, backlog: watch.backlog },
  });
  const hours = createLedgerHours({ db, clock, log, keepDays: settings.telemetryRetentionDays });

  // A process without a spool serves reads only: the loops belong to those that take messages in.
  const services: Service[] = liveLane
    ? [live, watch, ...liveLane.services, ...(historyLane?.services ?? []), books, retention, hours]
    : [live];
  if (liveLane && deps.observations) services.push(deps.observations);
  if (liveLane && deps.telemetry) services.push(deps.telemetry);
  return {
    telemetry: stores.telemetry,
    waveforms: stores.waveforms,
    live,
    ledger: (tenantId, options = {}) => books.report(tenantId, { countStores: options.countStores ?? true }),
    replay: (tenantId, id) => replayQuarantined({ db, stores, policy, formats }, tenantId, id),
    start: async () => {
      for (const service of services) await service.start();
    },
    stop: async () => {
      await Promise.all(services.map((service) => service.stop()));
      nudger.stop();
    },
  };
}

/** History is stored and fed while live data are not behind, and otherwise a little. */
function historyPipeline(
  shared: Omit<PipelineDeps, 'lane' | 'spool' | 'room'>,
  live: Pipeline,
  spool: Spool,
  watch: FeedWatch,
): Pipeline {
  const { clock } = shared;
  const behind = (loop: { position(): number }) => (): number =>
    loop.position() < 0 ? Number.NaN : live.spool.latestDurableOffset() - loop.position();
  const feedTurn = givesWay(clock, behind(live.feeder));
  const place = historyRoom(shared.db, clock, spool.id);
  return createPipeline({
    ...shared,
    ...{ lane: 'history', spool, turn: givesWay(clock, behind(live.shipper)), batchBytes: HISTORY_BATCH_BYTES },
    room: async (signal) => {
      await watch.room(signal);
      await place(signal);
      await feedTurn(signal);
    },
  });
}
