import { encode } from 'cborg';
import { describe, expect, test } from 'vitest';
import type { DecodeContext } from './format.ts';
import { senmlCborFormat, senmlJsonFormat } from './senml.ts';
import type { TelemetryDecoding } from './types.ts';

const NOW_NS = 1_800_000_000_000_000_000n;
const context: DecodeContext = { arrivalNs: NOW_NS, vendorTopic: null };
const SECOND_NS = 1_000_000_000n;

const json = (text: string) => senmlJsonFormat.decode(Buffer.from(text), context);
const count = (text: string) => senmlJsonFormat.count(Buffer.from(text), 0, Buffer.byteLength(text));

function rows(decoding: TelemetryDecoding) {
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  return decoding.samples.map(({ point, unit, timeNs, value }) => [point, unit, timeNs, value]);
}

const WIRE = 'urn:dev:ow:10e2073a01080063';

/* The examples of RFC 8428, §5.1 and §6. */
describe('the examples of RFC 8428', () => {
  test('§5.1.1: a single datapoint, taken about now', () => {
    expect(rows(json(`[{"n":"${WIRE}","u":"Cel","v":23.1}]`))).toEqual([[WIRE, 'Cel', null, 23.1]]);
  });

  test('§5.1.2: multiple datapoints with a base name', () => {
    expect(rows(json(`[{"bn":"${WIRE}:","n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]`))).toEqual([
      [`${WIRE}:voltage`, 'V', null, 120.1],
      [`${WIRE}:current`, 'A', null, 1.2],
    ]);
  });

  const at = 1_276_020_076_001_000_000n;
  const currents = [1.2, 1.3, 1.4, 1.5, 1.6].map((value, index) => [
    'urn:dev:ow:10e2073a0108006:current',
    'A',
    at - BigInt(5 - index) * SECOND_NS,
    value,
  ]);
  const withTime = [
    ['urn:dev:ow:10e2073a0108006:voltage', 'V', at, 120.1],
    ...currents,
    ['urn:dev:ow:10e2073a0108006:current', 'A', at, 1.7],
  ];

  test('§5.1.2: base time, base unit, base version, relative times', () => {
    const pack = `[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},
      {"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3},{"n":"current","t":-3,"v":1.4},
      {"n":"current","t":-2,"v":1.5},{"n":"current","t":-1,"v":1.6},{"n":"current","v":1.7}]`;
    expect(rows(json(pack))).toEqual(withTime);
    expect(count(pack)).toBe(7);
  });

  test('§6: the same pack in CBOR', () => {
    const hex =
      '87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b00106223614120050067766f6c746167650161560' +
      '2fb405e066666666666a3006763757272656e74062402fb3ff3333333333333a3006763757272656e74062302fb3ff4cccccccccccda3006763757' +
      '272656e74062202fb3ff6666666666666a3006763757272656e74062102f93e00a3006763757272656e74062002fb3ff999999999999aa30067637' +
      '57272656e74060002fb3ffb333333333333';
    const payload = Buffer.from(hex, 'hex');
    expect(rows(senmlCborFormat.decode(payload, context))).toEqual(withTime);
    expect(senmlCborFormat.count(payload, 0, payload.length)).toBe(7);
  });

  test('§5.1.3: multiple measurements, and the same resolved (§5.1.4)', () => {
    const pack = `[{"bn":"${WIRE}","bt":1.320067464e+09,"bu":"%RH","v":20},{"u":"lon","v":24.30621},{"u":"lat","v":60.07965},
      {"t":60,"v":20.3},{"u":"lon","t":60,"v":24.30622},{"u":"%EL","t":150,"v":98},{"u":"lat","t":180,"v":60.07967}]`;
    const resolved = `[{"n":"${WIRE}","u":"%RH","t":1.320067464e+09,"v":20},{"n":"${WIRE}","u":"lon","t":1.320067464e+09,"v":24.30621},
      {"n":"${WIRE}","u":"lat","t":1.320067464e+09,"v":60.07965},{"n":"${WIRE}","u":"%RH","t":1.320067524e+09,"v":20.3},
      {"n":"${WIRE}","u":"lon","t":1.320067524e+09,"v":24.30622},{"n":"${WIRE}","u":"%EL","t":1.320067614e+09,"v":98},
      {"n":"${WIRE}","u":"lat","t":1.320067644e+09,"v":60.07967}]`;
    expect(rows(json(pack))).toEqual(rows(json(resolved)));
    expect(rows(json(pack))[5]).toEqual([WIRE, '%EL', 1_320_067_614n * SECOND_NS, 98]);
  });

  test('§5.1.5: texts and data are rejected by themselves, booleans are 0 and 1', () => {
    const pack = `[{"bn":"${WIRE}:","n":"temp","u":"Cel","v":23.1},{"n":"label","vs":"Machine Room"},{"n":"open","vb":false},{"n":"nfc-reader","vd":"aGkgCg"}]`;
    const decoding = json(pack);
    expect(rows(decoding)).toEqual([
      [`${WIRE}:temp`, 'Cel', null, 23.1],
      [`${WIRE}:open`, null, null, 0],
    ]);
    expect(decoding).toMatchObject({
      rejected: [
        { index: 1, code: 'VALUE_TYPE', field: '[1].vs' },
        { index: 3, code: 'VALUE_TYPE', field: '[3].vd' },
      ],
    });
    expect(count(pack)).toBe(4);
  });

  test('§5.1.6: a later base name with the earlier base time; / is written | in a point', () => {
    const pack = `[{"bn":"2001:db8::2/","bt":1.320078429e+09,"n":"temperature","u":"Cel","v":25.2},{"n":"humidity","u":"%RH","v":30},
      {"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3},{"n":"humidity","u":"%RH","v":67}]`;
    const timeNs = 1_320_078_429n * SECOND_NS;
    expect(rows(json(pack))).toEqual([
      ['2001:db8::2|temperature', 'Cel', timeNs, 25.2],
      ['2001:db8::2|humidity', '%RH', timeNs, 30],
      ['2001:db8::1|temperature', 'Cel', timeNs, 12.3],
      ['2001:db8::1|humidity', '%RH', timeNs, 67],
    ]);
  });

  test('§5.1.7: a record of base fields alone is no measurement', () => {
    const pack = `[{"bn":"${WIRE}:"},{"n":"temp","u":"Cel","v":23.1},{"n":"heat","u":"/","v":1}]`;
    expect(rows(json(pack))).toHaveLength(2);
    expect(count(pack)).toBe(2);
  });
});

describe('the rules of RFC 8428', () => {
  test('§4.5.3: times below 2^28 are relative to now', () => {
    expect(rows(json('[{"n":"a","t":-2.5,"v":1},{"n":"a","t":268435456,"v":2}]'))).toEqual([
      ['a', null, NOW_NS - 2_500_000_000n, 1],
      ['a', null, 268_435_456n * SECOND_NS, 2],
    ]);
  });

  test('a base value is added to each value, and stands for one that is missing', () => {
    expect(rows(json('[{"bn":"a","bv":10,"v":0.5},{"n":"b"},{"n":"c","v":-1}]'))).toEqual([
      ['a', null, null, 10.5],
      ['ab', null, null, 10],
      ['ac', null, null, 9],
    ]);
  });

  test('a sum is a series of its own, with or without a value', () => {
    const pack = '[{"bn":"m","bs":100,"n":"1","u":"W","v":5,"s":20},{"n":"2","s":1}]';
    expect(rows(json(pack))).toEqual([
      ['m1', 'W', null, 5],
      ['m1|sum', 'W.s', null, 120],
      ['m2|sum', null, null, 101],
    ]);
    expect(count(pack)).toBe(3);
  });

  test.each([
    ['{"n":"a","v":1}', 'SENML_SHAPE', 'payload'],
    ['[]', 'EMPTY', 'payload'],
    ['[{"bn":"a"}]', 'EMPTY', 'payload'],
    ['[', 'JSON_SYNTAX', 'payload'],
  ])('%s is refused whole', (text, code, field) => {
    expect(json(text)).toMatchObject({ ok: false, failure: { code, field } });
    expect(count(text)).toBe(1);
  });

  test.each([
    ['[{"n":"a","v":1},7]', 'SENML_SHAPE', '[1]'],
    ['[{"n":"a","v":null}]', 'VALUE_TYPE', '[0].v'],
    ['[{"n":"a","s":null}]', 'VALUE_TYPE', '[0].s'],
    ['[{"n":"a","v":"1"}]', 'VALUE_TYPE', '[0].v'],
    ['[{"n":"a","v":1e999}]', 'VALUE_NOT_FINITE', '[0].v'],
    ['[{"n":"a","v":1,"vb":true}]', 'SENML_FIELD', '[0].vb'],
    ['[{"n":"a","t":5}]', 'VALUE_TYPE', '[0]'],
    ['[{"v":1}]', 'POINT_NAME', '[0].n'],
    ['[{"n":"-a","v":1}]', 'POINT_NAME', '[0].n'],
    ['[{"n":"a b","v":1}]', 'POINT_NAME', '[0].n'],
    ['[{"n":"a","v":1,"t":1e99}]', 'TIME', '[0].t'],
    ['[{"n":"a","v":1,"bver":11}]', 'SENML_VERSION', '[0].bver'],
    ['[{"n":"a","v":1,"new_":3}]', 'SENML_FIELD', '[0]'],
  ])('%s rejects the record', (text, code, field) => {
    const decoding = json(text);
    expect(decoding).toMatchObject({ ok: true, rejected: [{ code, field }] });
    expect(decoding.ok && decoding.samples.length + decoding.rejected.length).toBe(count(text));
  });

  test('a base field that is wrong spoils the records behind it, not those before', () => {
    expect(json('[{"n":"a","v":1},{"bt":"x","n":"b","v":1},{"n":"c","v":1}]')).toMatchObject({
      samples: [{ point: 'a' }],
      rejected: [
        { index: 1, field: '[1].bt' },
        { index: 2, field: '[1].bt' },
      ],
    });
  });
});

/* Numbers in every form of CBOR, expected values computed by hand from RFC 8949; 271.15 as a decimal fraction. */
test('CBOR numbers of every width, and decimal fractions (§6)', () => {
  const hex = ['05', '182c', '192c1a', '1a2c1a2319', '25', '382c', 'f9480f', 'fa403c1999', 'c4822119 69eb'];
  const payload = Buffer.concat([
    Buffer.from([0x80 + hex.length]),
    ...hex.map((value) => Buffer.from(`a2 00 61 6e 02 ${value}`.replaceAll(' ', ''), 'hex')),
  ]);
  expect(rows(senmlCborFormat.decode(payload, context)).map((row) => row[3])).toEqual([
    5, 44, 11290, 739910425, -6, -45, 8.1171875, 2.9390623569488525, 271.15,
  ]);
});

test('a CBOR pack of indefinite length, as a stream begins it', () => {
  const record = encode(
    new Map<number, unknown>([
      [0, 'a'],
      [2, 1.5],
    ]),
  );
  const payload = Buffer.concat([Buffer.from([0x9f]), record, record, Buffer.from([0xff])]);
  expect(rows(senmlCborFormat.decode(payload, context))).toHaveLength(2);
});
