import { strict as assert } from 'node:assert';
import { readLedger } from '../../../simulators/attach/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { loadedOnInflux, ON_INFLUX } from '../onInflux.ts';
import { settled } from '../platform.ts';
import { readingsOf, senderOf } from '../sender.ts';

const SAMPLES = 1000;
const ODD_ONE = 421;
const LONG_AGO_MS = 40 * 86_400_000;

export const influxConflict: FaultCase = {
  ...ON_INFLUX,
  id: '10',
  title: 'one sample in a thousand conflicts with a field’s type: 999 stored, 1 quarantined with the reason',
  run: async (rig) => {
    const run = await loadedOnInflux(rig, { devices: ['press-0'], idle: true });
    const sender = await senderOf(rig, run, 'press-0');
    await sender.all([JSON.stringify({ point: 'first', value: 1, boot: 'b', seq: 0 })]);
    await settled(run.api, 30_000);
    const nowMs = Date.now();
    await conflictAt(run.engine, nowMs - LONG_AGO_MS);

    const samples = Array.from({ length: SAMPLES }, (_, i) => ({
      ...{ point: 'load', value: i },
      time: i === ODD_ONE ? nowMs - LONG_AGO_MS : nowMs - 60_000 + i,
    }));
    const startedMs = performance.now();
    await sender.all([JSON.stringify({ boot: 'b', seq: 1, samples })]);
    await settled(run.api, 30_000);
    const elapsedMs = performance.now() - startedMs;
    const ledger = await readLedger(run.api, true);
    assert.deepEqual(
      {
        stored: ledger.stored,
        counted: ledger.storedCount,
        quarantined: ledger.quarantined,
        duplicate: ledger.duplicate,
      },
      { stored: SAMPLES, counted: SAMPLES, quarantined: 1, duplicate: 0 },
    );
    const stored = await readingsOf(run, 'press-0/load');
    const values = new Set(stored.map((reading) => reading.value));
    const missing = samples.filter(({ value }) => value !== ODD_ONE && !values.has(value)).length;
    type Entry = { reasonCode: string; reason: string; unitIndexes: number[] };
    const [entry, ...others] = await run.api.list<Entry>('/api/v1/quarantine?limit=200');
    assert.equal(others.length, 0);
    assert.deepEqual(entry!.unitIndexes, [ODD_ONE]);
    assert.match(entry!.reason, /type conflict/);
    return {
      ...{ case: '10', injected: `1 type conflict in ${SAMPLES}`, acknowledged: SAMPLES + 1 },
      ...{ lost: missing, doubled: stored.length - values.size, slowestRecoveryMs: elapsedMs },
    };
  },
};

/** Somebody else's number in the field `about`, in the shard of that day: no text fits in there any more. */
async function conflictAt(engine: { url: string; org: string; token: string }, ms: number): Promise<void> {
  const headers = { authorization: `Token ${engine.token}` };
  const found = await fetch(`${engine.url}/api/v2/buckets?org=${engine.org}&limit=100`, { headers });
  const { buckets } = (await found.json()) as { buckets: { name: string }[] };
  const bucket = buckets.find(({ name }) => name.endsWith('-raw'))!.name;
  const write = `${engine.url}/api/v2/write?${new URLSearchParams({ org: engine.org, bucket, precision: 'ms' })}`;
  const answer = await fetch(write, { method: 'POST', headers, body: `reading,device=foreign about=1 ${ms - 1}` });
  assert.equal(answer.status, 204);
}
