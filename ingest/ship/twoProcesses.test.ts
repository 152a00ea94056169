import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createLog, systemClock } from '../../platform/index.ts';
import { ingestBench, recordOf } from '../../test/fixtures/ingestBench.ts';
import { createIngestStores } from '../index.ts';
import { openSpool } from '../spool/index.ts';

test('a message that reaches two ingest processes is stored once, by whichever is first, and counted as a duplicate by the other', async () => {
  const bench = await ingestBench();
  const directory = mkdtempSync(join(tmpdir(), 'faultline-second-'));
  const clock = systemClock();
  const log = createLog('silent');
  const second = await openSpool({ directory, limitBytes: 1 << 28, clock, log });
  const other = createIngestStores({
    ...{ db: bench.pg.db, spool: second, clock, log, metrics: new Registry() },
    jobs: { enqueue: async () => undefined },
    settings: {
      ...{ partitions: 4, futureSkewMs: 300_000, telemetryRetentionDays: 90, waveformRetentionDays: 14 },
      maxPayloadBytes: 1 << 20,
    },
  });
  try {
    await Promise.all([bench.stores.start(), other.start()]);
    const start = Date.now() - 60_000;
    // Timed, by sequence alone, and with a clock that is wrong: each kind has its own way to know a repetition.
    const messages = Array.from({ length: 3000 }, (_, seq) => ({
      device: ['timed', 'clockless', 'skewed'][seq % 3]!,
      payload: {
        ...{ boot: 'b', seq, values: { t: seq } },
        ...(seq % 3 === 0 ? { time: start + seq } : {}),
        ...(seq % 3 === 2 ? { time: start + seq - 7_200_000, sentAt: start + seq - 7_200_000 } : {}),
      },
    }));
    for (let i = 0; i < messages.length; i += 300) {
      const some = messages.slice(i, i + 300);
      await bench.accept(some);
      let end = 0;
      for (const message of some.toReversed())
        end = second.append(recordOf({ ...message, duplicate: true }, bench.pg.tenantId, clock));
      await second.flushed(end);
    }
    const ledger = () => bench.stores.ledger(bench.pg.tenantId);
    await expect.poll(async () => (await ledger()).stored + (await ledger()).duplicate, { timeout: 25_000 }).toBe(6000);
    expect(await ledger()).toMatchObject({ accepted: 6000, stored: 3000, storedCount: 3000, duplicate: 3000 });
    expect((await ledger()).balanced).toBe(true);
  } finally {
    await other.stop();
    await second.close();
    rmSync(directory, { recursive: true });
    await bench.stop();
  }
});
