import { encode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { cborFormat } from './cbor.ts';
import { jsonFormat } from './telemetry.ts';

const context = { arrivalNs: 0n, vendorTopic: null };
const decode = (bytes: Uint8Array) => cborFormat.decode(bytes, context);
const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
/** `{"point": "p", "value": …}` around a value given in hex. */
const valued = (value: string) => hex(`a2 65 706f696e74 61 70 65 76616c7565 ${value}`);

/* Values and their encodings of RFC 8949, appendix A. */
describe('the examples of RFC 8949', () => {
  test.each([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 2 ** 64 - 1],
    ['c249010000000000000000', 2 ** 64],
    ['3bffffffffffffffff', -(2 ** 64)],
    ['c349010000000000000000', -(2 ** 64) - 1],
    ['20', -1],
    ['3903e7', -1000],
    ['f98000', -0],
    ['f93c00', 1],
    ['fb3ff199999999999a', 1.1],
    ['f97bff', 65504],
    ['fa47c35000', 100000],
    ['fb7e37e43c8800759c', 1e300],
    ['f90001', 2 ** -24],
    ['fbc010666666666666', -4.1],
  ])('%s is the reading %d', (value, expected) => {
    expect(decode(valued(value))).toMatchObject({ ok: true, samples: [{ point: 'p', value: expected }], rejected: [] });
  });

  test.each([
    ['f97c00', 'VALUE_NOT_FINITE'],
    ['f97e00', 'VALUE_NOT_FINITE'],
    ['fb7ff0000000000000', 'VALUE_NOT_FINITE'],
    ['f4', 'VALUE_TYPE'],
    ['f6', 'VALUE_TYPE'],
    ['f7', 'VALUE_TYPE'],
    ['4401020304', 'VALUE_TYPE'],
    ['6161', 'VALUE_TYPE'],
    ['83010203', 'VALUE_TYPE'],
    ['a0', 'VALUE_TYPE'],
  ])('%s is no reading', (value, code) => {
    expect(decode(valued(value))).toMatchObject({ ok: true, samples: [], rejected: [{ code, field: 'value' }] });
  });

  test('times as tagged text (0) and as epoch (1), lists and maps of indefinite length', () => {
    const time = (tagged: string) => decode(hex(`bf 65 706f696e74 61 70 65 76616c7565 01 64 74696d65 ${tagged} ff`));
    expect(time('c0 74 323031332d30332d32315432303a30343a30305a')).toMatchObject({
      samples: [{ timeNs: 1_363_896_240_000_000_000n }],
    });
    expect(time('c1 fb41d452d9ec200000')).toMatchObject({ samples: [{ timeNs: 1_363_896_240_500_000_000n }] });
    expect(decode(Buffer.concat([hex('9f'), valued('01'), valued('02'), hex('ff')]))).toMatchObject({
      samples: [{ value: 1 }, { value: 2 }],
    });
  });
});

test('every shape of our JSON means the same in CBOR', () => {
  const shapes: object[] = [
    { point: 'a', value: 1.5, unit: 'mm/s', time: 1_767_323_045, seq: 7, boot: 'b' },
    [
      { point: 'a', value: 1 },
      { point: 'b', value: -2 },
    ],
    {
      boot: 'x',
      seq: 3,
      samples: [
        { point: 'a', value: 1, time: '2026-01-02T03:04:05Z' },
        { point: 'a/b', value: 2 },
      ],
    },
    { time: 1000, values: { ax: 1, constructor: 2 } },
    { values: {} },
    [],
  ];
  for (const shape of shapes) {
    const payload = Buffer.from(encode(shape as object));
    expect(decode(payload)).toEqual(jsonFormat.decode(Buffer.from(JSON.stringify(shape)), context));
    expect(cborFormat.count(payload, 0, payload.length)).toBe(
      jsonFormat.count(Buffer.from(JSON.stringify(shape)), 0, Buffer.byteLength(JSON.stringify(shape))),
    );
  }
});

test('a key named __proto__ is a key', () => {
  const payload = hex('a1 66 76616c756573 a1 69 5f5f70726f746f5f5f 05');
  expect(decode(payload)).toMatchObject({ samples: [{ point: '__proto__', value: 5 }] });
});

test('whole nanoseconds keep their digits', () => {
  const payload = Buffer.from(encode({ point: 'p', value: 1, time: 1_767_323_045_000_000_007n }));
  expect(decode(payload)).toMatchObject({ samples: [{ timeNs: 1_767_323_045_000_000_007n }] });
});

describe('bombs and broken items are refused at once, with their place', () => {
  test.each([
    ['', /empty/],
    ['a1', /claims more items/],
    ['a16170', /claims more items|too early, at byte 3/],
    ['9bffffffffffffffff', /claims more items/],
    ['bbffffffffffffffff', /claims more items/],
    ['7bffffffffffffffff', /claims 18446744073709552000 bytes/],
    ['5a7fffffff00', /claims 2147483647 bytes/],
    ['0000', /1 bytes follow the message at byte 1/],
    ['1c', /byte 0 begins no item/],
    ['ff', /byte 0 begins no item/],
    ['5f4100ff', /in pieces at byte 0/],
    ['bf00ff', /ends behind a key/],
    ['d9ffff00', /tag 65535 at byte 0/],
    [`c258${'20'}${'ff'.repeat(32)}`, /more than 16 bytes/],
    ['81'.repeat(40), /nested deeper than 32 levels/],
    [`${'9f'.repeat(1000)}`, /nested deeper/],
    ['a201010102', /CBOR/],
    ['a10102', /keys of maps must be texts/],
  ])('%s', (text, reason) => {
    const payload = hex(text);
    const started = performance.now();
    expect(decode(payload)).toMatchObject({
      ok: false,
      failure: { field: 'payload', reason: expect.stringMatching(reason) },
    });
    expect(cborFormat.count(payload, 0, payload.length)).toBe(1);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test('4 MiB of empty lists costs a refusal', () => {
    const payload = Buffer.alloc(4 << 20, 0x80);
    payload.writeUInt8(0x9a, 0);
    payload.writeUInt32BE(payload.length - 5, 1);
    const started = performance.now();
    expect(decode(payload)).toMatchObject({ ok: false, failure: { reason: 'more than 1000000 items' } });
    expect(performance.now() - started).toBeLessThan(500);
  });
});
