import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { decodeItems, FeedBody, type FeedItem } from './items.ts';

const TIME_NS = 1_763_812_345_678_901_234n;
const counted = { future: false, unit: null, boot: 'b', identity: 'not asked for' };

test('what is packed comes out as it was, whether its sender counts or not', () => {
  const body = new FeedBody();
  const expected: Partial<FeedItem>[] = [];
  for (let i = 0; i < 1_000; i++) {
    const sequenced = i % 3 !== 0;
    const reading = {
      timeNs: TIME_NS + BigInt(i),
      arrivalNs: TIME_NS + 1_500_000n,
      value: i % 7 === 0 ? -0 : i / 3,
      unit: i % 5 === 0 ? null : `unit ${i % 4}`,
      future: i % 11 === 0,
      boot: sequenced ? `boot\n${i % 2}` : null,
      seq: sequenced ? 2n ** 62n + BigInt(i) : BigInt(i),
      index: i % 300,
      identity: `identity ${i}`,
    };
    body.addReading(`pump-${i % 300}/t`, reading);
    const { timeNs, value, unit, future } = reading;
    const identity = sequenced ? `${reading.seq}.${reading.index}.${reading.boot}` : reading.identity;
    const arrivalMs = Number(reading.arrivalNs) / 1e6;
    expected.push({ kind: 'reading', pointKey: `pump-${i % 300}/t`, timeNs, arrivalMs, identity, future, value, unit });
  }
  expect(body.items).toBe(1_000);
  expect(decodeItems(body.encode())).toEqual(expected);
});

test('two readings of one delivery, or of one sequence after another boot, have different identities', () => {
  const body = new FeedBody();
  const reading = { ...counted, timeNs: TIME_NS, arrivalNs: TIME_NS, value: 1 };
  for (const [boot, seq, index] of [
    ['b', 1n, 0],
    ['b', 1n, 1],
    ['b', 2n, 0],
    ['c', 1n, 0],
  ] as const)
    body.addReading('p/t', { ...reading, boot, seq, index });
  const identities = decodeItems(body.encode()).map(({ identity }) => identity);
  expect(identities).toEqual(['1.0.b', '1.1.b', '2.0.b', '1.0.c']);
});

test('sixty-five thousand names and more are told apart', () => {
  const body = new FeedBody();
  const points = Array.from({ length: 70_000 }, (_, i) => `pump/${i}`);
  for (const point of points)
    body.addReading(point, { ...counted, timeNs: TIME_NS, arrivalNs: TIME_NS, value: 1, seq: 1n, index: 0 });
  expect(decodeItems(body.encode()).map(({ pointKey }) => pointKey)).toEqual(points);
});

test('a batch that a version before has left is read as it was meant', () => {
  const before = serialize({
    points: ['pump/a', 'pump/b'],
    units: ['g'],
    readings: {
      point: Uint32Array.of(1, 0),
      unit: Uint32Array.of(0xffff_ffff, 0),
      timeNs: BigInt64Array.of(TIME_NS, 5n),
      arrivalMs: Float64Array.of(1.5, 2.5),
      value: Float64Array.of(7, 8),
      marks: Uint8Array.of(0, 1),
    },
    identities: '12.0.boot\n0190f5c0-0000-8000-8000-0000000000ff\n',
    waveforms: [],
  });
  expect(decodeItems(before)).toEqual([
    {
      ...{ kind: 'reading', pointKey: 'pump/b', timeNs: TIME_NS, arrivalMs: 1.5, identity: '12.0.boot' },
      ...{ future: false, value: 7, unit: null },
    },
    {
      ...{ kind: 'reading', pointKey: 'pump/a', timeNs: 5n, arrivalMs: 2.5, future: true, value: 8, unit: 'g' },
      identity: '0190f5c0-0000-8000-8000-0000000000ff',
    },
  ]);
});
