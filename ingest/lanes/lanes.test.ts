import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createLog, systemClock } from '../../platform/index.ts';
import { recordOf, waveformPayload } from '../../test/fixtures/ingestBench.ts';
import { isHistory } from './history.ts';
import { type Lanes, openLanes } from './openLanes.ts';

const TENANT = '0190f5c0-0000-7000-8000-000000000001';
const now = Date.parse('2026-03-01T12:00:00Z');
const agoMs = (ms: number) => now - ms;
const arrivalNs = BigInt(now) * 1_000_000n;
const HOUR = 3_600_000;

const looked = (payload: unknown) => {
  const bytes = payload instanceof Uint8Array ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload));
  const padded = Buffer.concat([Buffer.from('"time":1000000000,'), bytes, Buffer.from('"time":1000000000')]);
  return isHistory(arrivalNs, padded, 18, 18 + bytes.length);
};

test.each([
  ['now', { point: 't', value: 1, time: now }, false],
  ['nine minutes ago', { point: 't', value: 1, time: agoMs(540_000) }, false],
  ['an hour ago', { point: 't', value: 1, time: agoMs(HOUR) }, true],
  ['an hour ago, in seconds with a fraction', { time: agoMs(HOUR) / 1000 + 0.25, values: { t: 1 } }, true],
  ['an hour ago, in nanoseconds as text', { time: `${agoMs(HOUR)}000000`, values: { t: 1 } }, true],
  ['an hour ago, ISO', { samples: [{ point: 't', value: 1, time: new Date(agoMs(HOUR)).toISOString() }] }, true],
  ['an hour ago by a vendor’s name for it', [{ ts: agoMs(HOUR), v: 1 }], true],
  ['SenML with an old base time', [{ bn: 'urn:x', bt: agoMs(HOUR) / 1000, v: 1 }], true],
  ['SenML relative to now', [{ n: 'x', t: -5, v: 1 }], false],
  ['a clock an hour behind that says so', { time: agoMs(HOUR), sentAt: agoMs(HOUR) + 100, values: { t: 1 } }, false],
  ['a buffer of an hour ago, sent now', { time: agoMs(HOUR), sentAt: now, values: { t: 1 } }, true],
  ['a simulation of last week', { time: agoMs(150 * HOUR), simulatedNow: agoMs(150 * HOUR), values: { t: 1 } }, false],
  [
    'a buffer within a simulation',
    { time: agoMs(150 * HOUR), simulatedNow: agoMs(140 * HOUR), values: { t: 1 } },
    true,
  ],
  ['no time', { point: 't', value: 1 }, false],
  ['a time ahead', { point: 't', value: 1, time: now + HOUR }, false],
  ['no JSON', Buffer.from([0xff, 0, 1, 2]), false],
  ['nothing', Buffer.alloc(0), false],
  ['an old block', waveformPayload({ time: new Date(agoMs(HOUR)).toISOString() }), true],
  ['an old block of a simulation', waveformPayload({ time: agoMs(HOUR), simulatedNow: agoMs(HOUR) }), false],
  ['a block of now', waveformPayload({ time: new Date(now).toISOString() }), false],
])('%s', (_name, payload, history) => {
  expect(looked(payload)).toBe(history);
});

const opened: { lanes: Lanes; directory: string }[] = [];
async function lanesIn(directory = mkdtempSync(join(tmpdir(), 'faultline-lanes-')), limitBytes = 1 << 26) {
  const lanes = await openLanes({ directory, limitBytes, clock: systemClock(), log: createLog('silent') });
  opened.push({ lanes, directory });
  return { lanes, directory };
}
afterEach(async () => {
  for (const { lanes, directory } of opened.splice(0)) {
    await lanes.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

const record = (n: number, history: boolean) =>
  recordOf(
    { payload: { point: 't', value: n, ...(history ? { time: agoMs(HOUR) } : {}) }, arrivalNs },
    TENANT,
    systemClock(),
  );

async function valuesIn(spool: Lanes['live'], before = spool.latestDurableOffset()): Promise<number[]> {
  const { records } = await spool.read(spool.firstOffset(), 1 << 24);
  return records
    .filter(({ endOffset }) => endOffset <= before)
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()).value);
}

test('each message goes to its lane; a message is told durable only when all before it are, in either', async () => {
  const { lanes } = await lanesIn();
  let seed = 11;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const ends: { end: number; history: boolean; n: number }[] = [];
  let checks = 0;
  const stop = lanes.onDurable((durable) => {
    checks++;
    // What either spool has on disk now, by the ends that the composition gave and by the order of acceptance.
    const [live, history] = [lanes.live.latestDurableOffset(), lanes.history.latestDurableOffset()];
    for (const { end, own, lane } of positions) {
      if (end > durable) break;
      expect(own, `message ending at ${end} of ${durable}`).toBeLessThanOrEqual(lane === 'live' ? live : history);
    }
  });
  const positions: { end: number; own: number; lane: 'live' | 'history' }[] = [];
  const own = { live: 0, history: 0 };
  for (let n = 0; n < 3000; n++) {
    const history = random() < 0.4;
    const before = ends.at(-1)?.end ?? 0;
    const end = lanes.append(record(n, history));
    expect(end).toBeGreaterThan(before);
    own[history ? 'history' : 'live'] += end - before;
    positions.push({ end, own: own[history ? 'history' : 'live'], lane: history ? 'history' : 'live' });
    ends.push({ end, history, n });
    if (random() < 0.02) await new Promise((resolve) => setImmediate(resolve));
  }
  const last = ends.at(-1)!.end;
  await lanes.flushed(last);
  stop();
  expect(checks).toBeGreaterThan(5);
  expect(lanes.latestDurableOffset()).toBe(last);
  expect(await valuesIn(lanes.live)).toEqual(ends.filter(({ history }) => !history).map(({ n }) => n));
  expect(await valuesIn(lanes.history)).toEqual(ends.filter(({ history }) => history).map(({ n }) => n));
});

test('after a restart both lanes go on where they were', async () => {
  const { lanes, directory } = await lanesIn();
  await lanes.flushed(lanes.append(record(1, true)) && lanes.append(record(2, false)));
  const before = lanes.latestDurableOffset();
  await lanes.close();
  opened.splice(0);
  const again = (await lanesIn(directory)).lanes;
  expect(again.latestDurableOffset()).toBe(before);
  await again.flushed(again.append(record(3, true)));
  expect([await valuesIn(again.live), await valuesIn(again.history)]).toEqual([[2], [1, 3]]);
});

test('a full lane of history refuses history and still takes live data', async () => {
  const { lanes } = await lanesIn(undefined, 64 * 1024);
  let taken = 0;
  while (lanes.append(record(taken, true)) !== -1) taken++;
  expect(taken).toBeGreaterThan(20);
  expect(lanes.append(record(0, true))).toBe(-1);
  expect(lanes.append(record(0, false))).toBeGreaterThan(0);
  expect(lanes.state()).toBe('full');
});
