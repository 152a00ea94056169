import type { Clock, Database, Logger, Service, Sql } from '../platform/index.ts';
import { loopService, reasonOf } from '../platform/index.ts';
import { DEVICE_HISTORY_DAYS, sweepDeviceHistory } from './devices/index.ts';
import { LedgerEntry, type LedgerTerm, postLedger } from './ledger/ledger.ts';
import { expireQuarantine } from './quarantine/quarantine.ts';
import type { Stores } from './ship/settle.ts';
import { DAY_NS, dayOf, type Partitions } from './store/postgres/partitions.ts';
import { sweepSeen } from './store/postgres/seen.ts';
import type { DeviceCount } from './store/telemetryStore.ts';

const INTERVAL_MS = 3_600_000;
const DAYS_AHEAD = 2n;

export interface RetentionSettings {
  telemetryDays: number;
  waveformDays: number;
  /** How long a repetition whose time depends on its arrival is still known as one. */
  repetitionWindowDays: number;
}

export interface RetentionDeps {
  db: Database;
  stores: Stores;
  partitions: Partitions;
  settings: RetentionSettings;
  clock: Clock;
  log: Logger;
}

/** Keeps the tables as wide as the settings say: partitions made ahead, what is over removed and counted as expired. */
export interface Retention extends Service {
  /** One round. */
  sweep(): Promise<void>;
}

export function createRetention(deps: RetentionDeps): Retention {
  const { db, stores, partitions, settings, clock } = deps;

  const settled = (from: LedgerTerm) => async (tx: Sql, gone: readonly DeviceCount[]) => {
    const ledger = new LedgerEntry();
    for (const { tenantId, device, count } of gone) ledger.move(tenantId, device, from, 'expired', count);
    await postLedger(tx, ledger);
  };

  const sweep = async (): Promise<void> => {
    const nowNs = clock.nowNs();
    const before = (days: number) => nowNs - BigInt(days) * DAY_NS;
    for (const table of ['telemetry', 'waveform'] as const) {
      const days = Array.from({ length: Number(DAYS_AHEAD) + 1 }, (_, i) => dayOf(nowNs) + BigInt(i) * DAY_NS);
      await db.as('shipper', (tx) => partitions.ensure(tx, table, days));
    }
    await stores.telemetry.expire(before(settings.telemetryDays), settled('stored'));
    await stores.waveforms.expire(before(settings.waveformDays), settled('stored'));
    for (let more = true; more; ) {
      more = await db.as('shipper', async (tx) => {
        const gone = await expireQuarantine(tx, before(settings.telemetryDays));
        await settled('quarantined')(tx, gone);
        return gone.length > 0;
      });
    }
    while ((await db.as('shipper', (tx) => sweepSeen(tx, before(settings.repetitionWindowDays)))) > 0);
    const historyMs = Number(before(DEVICE_HISTORY_DAYS) / 1_000_000n);
    while ((await db.as('shipper', (tx) => sweepDeviceHistory(tx, historyMs))) > 0);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sweep().catch((error: unknown) =>
        deps.log.error({ reason: reasonOf(error) }, 'retention could not be applied; it is tried again'),
      );
      await clock.sleep(INTERVAL_MS, signal);
    }
  };

  return {
    sweep,
    ...loopService(run),
  };
}
