import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../../simulators/machines/index.ts';
import { encodeWaveformBlock } from '../../../simulators/mqtt/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { assertBalanced } from '../oracle.ts';
import { settled } from '../platform.ts';
import { readingsOf, senderOf } from '../sender.ts';

const WINDOW = 1000;
const FEATURES = ['rms', 'velocityRms', 'kurtosis', 'crest'];

export const repeatedReordered: FaultCase = {
  id: '18',
  title: 'one sample in ten twice, all reordered by up to 1,000: the same set and the same features as in order',
  run: async (rig) => {
    const count = rig.pick(4000, 100_000);
    const run = await loaded(rig, { devices: ['straight', 'shuffled'], idle: true });
    const straight = await senderOf(rig, run, 'straight');
    const shuffled = await senderOf(rig, run, 'shuffled');
    const baseMs = Date.now() - 3_600_000;
    const samples = Array.from({ length: count }, (_, seq) => {
      const time = BigInt(baseMs + seq * 10) * 1_000_000n;
      return `{"boot":"b","seq":${seq},"point":"p","value":${rig.random.between(-1, 1)},"time":"${time}"}`;
    });
    rig.tell('publishing');
    await straight.all(samples);
    await shuffled.all(disordered(samples, rig.random));
    const blocks = Array.from({ length: 12 }, (_, seq) => blockOf(seq, baseMs, rig.seed));
    await straight.all(blocks, 'waveform');
    await shuffled.all(disordered(blocks, rig.random), 'waveform');

    const ledger = await settled(run.api, 60_000);
    assertBalanced(ledger);
    assert.equal(ledger.quarantined, 0);
    assert.ok(ledger.duplicate >= count / 20, `only ${ledger.duplicate} repetitions were told as such`);
    const [inOrder, mixed] = await Promise.all([readingsOf(run, 'straight/p'), readingsOf(run, 'shuffled/p')]);
    const wanted = new Map(inOrder.map(({ time, value }) => [time, value]));
    const found = new Map(mixed.map(({ time, value }) => [time, value]));
    const lost = [...wanted].filter(([time, value]) => found.get(time) !== value).length + (count - wanted.size);
    await analysed(run);
    for (const feature of FEATURES) {
      const [inOrderCourse, course] = [
        await courseOf(run, 'straight', feature),
        await courseOf(run, 'shuffled', feature),
      ];
      // A block older than the newest is kept as history and judged by nobody; whatever is judged is judged the same.
      assert.equal(inOrderCourse.length, blocks.length);
      assert.equal(course.at(-1), inOrderCourse.at(-1), `${feature} of the newest block`);
      assert.equal(new Set(course).size, course.length, `${feature} was noted twice for one block`);
      for (const one of course) assert.ok(inOrderCourse.includes(one), `${feature} differs: ${one}`);
    }
    assert.deepEqual(await blocksOf(run, 'shuffled'), await blocksOf(run, 'straight'));
    return {
      ...{ case: '18', injected: `${count} × 1.1, reordered`, acknowledged: count, lost },
      ...{ doubled: mixed.length - found.size + inOrder.length - wanted.size, slowestRecoveryMs: null },
    };
  },
};

/** Each tenth once more, and everything up to WINDOW places from where it was. */
function disordered<T>(things: readonly T[], random: Random): T[] {
  const repeated = things.flatMap((thing) => (random.uniform() < 0.1 ? [thing, thing] : [thing]));
  return repeated
    .map((thing, index) => ({ thing, at: index + random.between(0, Math.min(WINDOW, repeated.length)) }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}

function blockOf(seq: number, baseMs: number, seed: string): Buffer {
  const random = new Random(seed, 'block', seq);
  const samples = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i / 7) * (1 + seq / 10) + random.normal() / 5);
  const timeNs = BigInt(baseMs + seq * 60_000) * 1_000_000n;
  return encodeWaveformBlock({
    ...{ point: 'de', samplingRateHz: 12_000, unit: 'g', speedRpm: 1780, encoding: 'int16', boot: 'b', seq },
    ...{ timeNs, samples },
  });
}

async function analysed(run: Loaded): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  for (let calm = 0; calm < 3; await pause(200)) {
    const { pendingBatches } = await run.api.get<{ pendingBatches: number }>('/api/v1/analytics/progress');
    calm = pendingBatches === 0 ? calm + 1 : 0;
    assert.ok(Date.now() < deadlineMs, `${pendingBatches} batches are not analysed`);
  }
}

async function blocksOf(run: Loaded, device: string): Promise<string[]> {
  const query = new URLSearchParams({ device, limit: '200' });
  return (await run.api.list<{ time: string }>(`/api/v1/waveforms?${query}`)).map(({ time }) => time).sort();
}

async function courseOf(run: Loaded, device: string, feature: string): Promise<string[]> {
  const { items } = await run.api.get<{ items: { atMs: number; value: number }[] }>(
    `/api/v1/points/${device}/de/features/${feature}`,
  );
  assert.ok(items.length > 0, `no course of ${feature} for ${device}`);
  return items.map(({ atMs, value }) => `${atMs} ${value}`).sort();
}
