import { expect, test } from 'vitest';
import { identityOf } from '../../identity.ts';
import type { Reading } from '../readings.ts';
import { readAbout, receiptOf, writeAbout } from './about.ts';
import { LineBuffer } from './lineBuffer.ts';

const SPOOL = '0190f5c0-0000-7000-8000-1a2b3c4d5e6f';
const TENANT = '0190f5c0-0000-7000-8000-0000000000aa';
const TIME_NS = 1_763_812_345_678_901_234n;

function reading(offset: number, over: Partial<Reading> = {}): Reading {
  const parts = { tenantId: TENANT, device: 'pump-3', point: 't', boot: 'b 1', seq: 7n, index: 2, ...over };
  const receipt = `${SPOOL}:${offset}`;
  const identity = identityOf({ kind: 'telemetry', ...parts, timeNs: TIME_NS, content: '1', receipt });
  return {
    ...{ ...parts, receipt, identity, timeNs: TIME_NS, deviceTimeNs: TIME_NS, arrivalNs: TIME_NS + 5n, sentAtNs: null },
    ...{ value: 1, unit: null, windowed: false, future: false, corrected: false, arrivalTimed: false, ...over },
  };
}

function written(...readings: Reading[]): string[] {
  const lines = new LineBuffer(16);
  return readings.map((one) => {
    const start = lines.length;
    writeAbout(lines, one);
    const all = lines.taken().toString();
    return all.slice(start);
  });
}

const OFFSETS = [0, 1, 999_999_999, 1_000_000_000, 1_000_000_001, 123_456_789_012, 2 ** 40, 2 ** 50];

test('a receipt in two parts is written, and read, as the same receipt in one: by it a repetition is told from a leftover', () => {
  for (const offset of OFFSETS) {
    const whole = reading(offset);
    const [inOne, inParts] = written(whole, { ...whole, spool: SPOOL, offset });
    expect(inParts).toBe(inOne);
    expect(readAbout(inParts!, TENANT, whole, TIME_NS)).toMatchObject({
      receipt: receiptOf(whole),
      identity: whole.identity,
      arrivalNs: whole.arrivalNs,
    });
  }
});

test('boots that come again, change and hold what must be escaped are each their own', () => {
  const boots = ['a', 'a', 'b', 'a', 'quote " and \\', 'quote " and \\', 'umlaut ü', 'umlaut ü', 'a'];
  const lines = new LineBuffer(16);
  for (const boot of boots) {
    lines.repeatedText(boot);
    lines.byte(0x0a);
  }
  const expected = boots.map((boot) => boot.replace(/["\\]/g, '\\$&'));
  expect(lines.taken().toString().trimEnd().split('\n')).toEqual(expected);
  const readings = boots.map((boot, seq) => reading(seq, { boot, seq: BigInt(seq) }));
  const texts = written(...readings).map((text) => text.replace(/\\(["\\])/g, '$1'));
  for (const [i, one] of readings.entries())
    expect(readAbout(texts[i]!, TENANT, one, TIME_NS).identity, `reading ${i}`).toBe(one.identity);
});
