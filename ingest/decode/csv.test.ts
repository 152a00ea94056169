import { describe, expect, test } from 'vitest';
import { csvFormat } from './csv.ts';

const context = { arrivalNs: 0n, vendorTopic: null };
const decode = (text: string) => csvFormat.decode(Buffer.from(text), context);
const count = (text: string) => csvFormat.count(Buffer.from(text), 0, Buffer.byteLength(text));
const rows = (text: string) => {
  const decoding = decode(text);
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  return decoding.samples.map(({ index, point, value, unit, timeNs, seq }) => [index, point, value, unit, timeNs, seq]);
};

test('long: a row is a reading', () => {
  expect(rows('point,value,unit,time,seq\nrms,1.5,mm/s,2026-01-02T03:04:05Z,7\r\npeak,-2e3,,1767323045123,\n')).toEqual(
    [
      [0, 'rms', 1.5, 'mm/s', 1_767_323_045_000_000_000n, 7n],
      [1, 'peak', -2000, null, 1_767_323_045_123_000_000n, null],
    ],
  );
});

test('wide: a column is a point, an empty cell no reading', () => {
  const text = '\ufefftime;temp;speed\n1767323045;21.5;1480\n1767323046;;1481\n';
  expect(rows(text)).toEqual([
    [0, 'temp', 21.5, null, 1_767_323_045_000_000_000n, null],
    [1, 'speed', 1480, null, 1_767_323_045_000_000_000n, null],
    [2, 'speed', 1481, null, 1_767_323_046_000_000_000n, null],
  ]);
  expect(count(text)).toBe(3);
});

/* RFC 4180 §2, rules 5 to 7: separators, line breaks and doubled quotes within quotes. */
test('cells in quotes may hold separators, line breaks and quotes', () => {
  expect(rows('point,value\n"a, ""b""",1\n"c\r\nd",2\n')).toEqual([[0, 'a, "b"', 1, null, null, null]]);
  expect(decode('point,value\n"c\r\nd",2\n')).toMatchObject({ rejected: [{ code: 'POINT_NAME' }] });
});

describe('a row that is wrong costs itself only', () => {
  test.each([
    ['point,value\na,1\nb\nc,3', 'CSV_ROW', 'line 3'],
    ['point,value\na,1\nb,x\nc,3', 'VALUE_TYPE', 'line 3, value'],
    ['point,value\na,1\nb,1e999\nc,3', 'VALUE_NOT_FINITE', 'line 3, value'],
    ['point,value\na,1\n"b"x,2\nc,3', 'CSV_ROW', 'line 3'],
    ['point,value,time\na,1,\nb,2,soon\nc,3,', 'TIME', 'line 3, time'],
    ['point,value\na,1\n,2\nc,3', 'POINT_NAME', 'line 3, point'],
    ['time,a\n1767323045,1\n1767323045,x\n1767323045,3', 'VALUE_TYPE', 'line 3, a'],
  ])('%j', (text, code, field) => {
    const decoding = decode(text);
    expect(decoding).toMatchObject({ ok: true, rejected: [{ index: 1, code, field }] });
    expect(decoding.ok && decoding.samples.map(({ index }) => index)).toEqual([0, 2]);
    expect(count(text)).toBe(3);
  });
});

test.each([
  ['', 'EMPTY'],
  ['point,value\n', 'EMPTY'],
  ['time,a\n1,\n', 'EMPTY'],
  ['1,2\n3,4\n', 'CSV_HEADER'],
  ['point\na\n', 'CSV_HEADER'],
  ['time\n5\n', 'CSV_HEADER'],
  ['time,a,a\n5,1,2\n', 'CSV_HEADER'],
  ['time,Time,a\n5,1,2\n', 'CSV_HEADER'],
])('%j is refused whole', (text, code) => {
  expect(decode(text)).toMatchObject({ ok: false, failure: { code } });
  expect(count(text)).toBe(1);
});

test('a quote that never closes costs its line, and no more', () => {
  const text = 'point,value\na,1\n"b,2\nc,3';
  expect(decode(text)).toMatchObject({
    samples: [{ point: 'a' }, { point: 'c', index: 2 }],
    rejected: [{ code: 'CSV_ROW', field: 'line 3', reason: 'a quote that opens is never closed' }],
  });
  expect(count(text)).toBe(3);
});
