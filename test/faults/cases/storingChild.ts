import { parseArgs } from 'node:util';
import { Registry } from 'prom-client';
import { createIngestStores } from '../../../ingest/index.ts';
import { openSpool } from '../../../ingest/spool/index.ts';
import { createLog, openDatabase, systemClock } from '../../../platform/index.ts';
import { recordOf } from '../../fixtures/ingestBench.ts';

/**
 * A process to be killed: accepts messages into its spool and stores them at the same time. Tells its parent each
 * sequence number that is durable, as the front would by a PUBACK. With `--load 0` it only stores.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    secret: { type: 'string' },
    spool: { type: 'string' },
    tenant: { type: 'string' },
    from: { type: 'string' },
    load: { type: 'string' },
    base: { type: 'string' },
  },
});
const clock = systemClock();
const log = createLog('silent');
const db = openDatabase({ ownerUrl: values.url!, secretKey: values.secret!, clock });
const spool = await openSpool({ directory: values.spool!, limitBytes: 1 << 30, clock, log });
const stores = createIngestStores({
  ...{ db, spool, clock, log, metrics: new Registry() },
  jobs: { enqueue: async () => undefined },
  settings: {
    partitions: 4,
    futureSkewMs: 300_000,
    telemetryRetentionDays: 90,
    waveformRetentionDays: 14,
    maxPayloadBytes: 1 << 20,
  },
});
await stores.start();
process.send!({ started: true });

let seq = Number(values.from);
for (let group = 0; group < Number(values.load); group++) {
  let end = 0;
  // Half of the messages have no time of their own: their repetition can only be told by the window of identities.
  for (let i = 0; i < 40; i++, seq++) {
    const time = seq % 2 === 0 ? { time: Number(values.base) + seq } : {};
    const message = { device: `press-${seq % 7}`, payload: { boot: 'b', seq, ...time, values: { t: seq } } };
    end = spool.append(recordOf(message, values.tenant!, clock));
  }
  await spool.flushed(end);
  process.send!({ durable: seq });
}
