import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileMapping } from './compile.ts';
import { type MappingInput, mappingDefinition } from './definition.ts';

const context = { arrivalNs: 1_800_000_000_000_000_000n, vendorTopic: null as string | null };

const compiled = (definition: MappingInput) => compileMapping('mapped:test', mappingDefinition.parse(definition));

/** point → [value, unit, time] of a message, and its rejections. */
function read(definition: MappingInput, message: unknown, vendorTopic: string | null = null) {
  const payload = Buffer.isBuffer(message)
    ? message
    : Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  const mapping = compiled(definition);
  const decoding = mapping.decode(payload, { ...context, vendorTopic });
  if (!decoding.ok) {
    expect(mapping.count(payload, 0, payload.length)).toBe(1);
    return { failure: decoding.failure };
  }
  expect(mapping.count(payload, 0, payload.length)).toBe(decoding.samples.length + decoding.rejected.length);
  return {
    samples: decoding.samples.map(({ point, value, unit, timeNs }) => [point, value, unit, timeNs]),
    rejected: decoding.rejected.map(({ index, code, field }) => [index, code, field]),
  };
}

const S = 1_000_000_000n;

/* Shapes that vendors document: the messages are theirs, shortened. */
describe('vendors’ shapes', () => {
  test('Kepware IoT Gateway: a list of tags with quality and time', () => {
    const definition: MappingInput = {
      readings: [
        {
          each: '/values/*',
          point: '{id}',
          value: 'v',
          skip: [{ path: 'q', equals: false }],
          time: { path: 't', format: 'ms' },
        },
      ],
    };
    const message = {
      timestamp: 1_434_660_990_625,
      values: [
        { id: 'Channel1.Device1.Tag1', v: 42, q: true, t: 1_434_660_987_613 },
        { id: 'Channel1.Device1.Tag2', v: 7, q: false, t: 1_434_660_987_613 },
      ],
    };
    expect(read(definition, message)).toEqual({
      samples: [['Channel1.Device1.Tag1', 42, null, 1_434_660_987_613_000_000n]],
      rejected: [],
    });
  });

  test('Tasmota tele/…/SENSOR: sensors by name, local time without a zone', () => {
    const definition: MappingInput = {
      topics: ['tele/{device}/SENSOR'],
      time: { path: '/Time', zone: 'Europe/Berlin' },
      readings: [
        { each: '/*/Temperature', point: '{key}.temperature', convert: 'degF->degC' },
        { each: '/*/Humidity', point: '{key}.humidity', unit: '%RH' },
        { each: '/ENERGY/Power', point: 'power', unit: 'W' },
      ],
    };
    const message = {
      Time: '2024-07-01T12:00:00',
      SI7021: { Temperature: 212, Humidity: 36.1 },
      AM2301: { Temperature: 32, Humidity: 40 },
      ENERGY: { Power: 12.5 },
      TempUnit: 'F',
    };
    const time = BigInt(Date.UTC(2024, 6, 1, 10)) * 1_000_000n;
    expect(read(definition, message)).toEqual({
      samples: [
        ['SI7021.temperature', expect.closeTo(100, 9), 'degC', time],
        ['AM2301.temperature', expect.closeTo(0, 9), 'degC', time],
        ['SI7021.humidity', 36.1, '%RH', time],
        ['AM2301.humidity', 40, '%RH', time],
        ['power', 12.5, 'W', time],
      ],
      rejected: [],
    });
  });

  test('Shelly Gen2 NotifyStatus: nested objects, fractional epoch, other notices ignored', () => {
    const definition: MappingInput = {
      ignore: [{ path: '/method', equals: 'NotifyEvent' }],
      time: { path: '/params/ts', format: 's' },
      readings: [
        { each: '/params/switch:0', point: 'output', value: 'output', missing: 'skip' },
        { each: '/params/switch:0', point: 'power', value: 'apower', unit: 'W' },
        { each: '/params/switch:0/temperature', point: 'temperature', value: 'tC', unit: 'degC' },
      ],
    };
    const message = {
      src: 'shellyplus1pm-a8032ab12345',
      method: 'NotifyStatus',
      params: { ts: 1_631_266_595.44, 'switch:0': { id: 0, apower: 8.9, output: true, temperature: { tC: 49.1 } } },
    };
    const time = 1_631_266_595_440_000_000n;
    expect(read(definition, message).samples).toEqual([
      ['output', 1, null, time],
      ['power', 8.9, 'W', time],
      ['temperature', 49.1, 'degC', time],
    ]);
    expect(read(definition, { method: 'NotifyEvent', params: {} })).toEqual({ samples: [], rejected: [] });
  });

  test('one value a topic, its name in the topic', () => {
    const definition: MappingInput = {
      topics: ['plant/+/{device}/{point}'],
      readings: [{ point: '{topic.2}.{topic.point}', unit: 'mm/s' }],
    };
    expect(read(definition, '3.25', 'plant/line4/motor7/vrms').samples).toEqual([['line4.vrms', 3.25, 'mm/s', null]]);
    expect(read(definition, '3.25').rejected).toEqual([[0, 'POINT_NAME', '/']]);
  });

  test('nested lists; names from levels above; units by the message', () => {
    const definition: MappingInput = {
      boot: '/hdr/boot',
      seq: '/hdr/seq',
      readings: [
        {
          each: '/groups/*/sensors/*',
          point: '{../../name}.{axis}',
          value: 'rms',
          unit: { path: 'u', aliases: { IPS: 'in/s' } },
        },
      ],
    };
    const message = {
      hdr: { boot: 'b1', seq: 5 },
      groups: [
        {
          name: 'motor',
          sensors: [
            { axis: 'x', rms: 0.1, u: 'IPS' },
            { axis: 'y', rms: 0.2, u: 'mm/s' },
          ],
        },
      ],
    };
    expect(read(definition, message).samples).toEqual([
      ['motor.x', 0.1, 'in/s', null],
      ['motor.y', 0.2, 'mm/s', null],
    ]);
  });
});

describe('values', () => {
  const value = (rule: Partial<MappingInput['readings'][number]>, told: unknown) => {
    const { samples, rejected, failure } = read({ readings: [{ point: 'p', value: '/v', ...rule }] }, { v: told });
    return samples?.[0]?.[1] ?? rejected?.[0]?.[1] ?? failure?.code;
  };
  test.each<[Partial<MappingInput['readings'][number]>, unknown, unknown]>([
    [{}, 5, 5],
    [{}, '5.5', 5.5],
    [{}, ' -1e3 ', -1000],
    [{}, '12,5', 'VALUE_TYPE'],
    [{ decimalComma: true }, '12,5', 12.5],
    [{ decimalComma: true }, '1.234,5', 1234.5],
    [{}, true, 1],
    [{}, 'Off', 0],
    [{ booleans: false }, true, 'VALUE_TYPE'],
    [{ enumeration: { RUN: 1, STOP: 0, '7': 70 } }, 'RUN', 1],
    [{ enumeration: { RUN: 1, '7': 70 } }, 7, 70],
    [{ enumeration: { RUN: 1 } }, 'toString', 'VALUE_TYPE'],
    [{ convert: { scale: 0.1, offset: -40 } }, 100, -30],
    [{ convert: 'psi->kPa' }, 100, 689.4757293168361],
    [{ convert: 'ips->mm/s' }, 1, 25.4],
    [{ convert: 'K->degC' }, 273.15, 0],
    [{}, null, 'VALUE_TYPE'],
    [{}, {}, 'VALUE_TYPE'],
    [{}, '', 'VALUE_TYPE'],
    [{ convert: { scale: 1e300, offset: 0 } }, 1e300, 'VALUE_NOT_FINITE'],
    [{}, '9'.repeat(100), 'VALUE_TYPE'],
  ])('%j of %j is %j', (rule, told, expected) => {
    expect(value(rule, told)).toEqual(expected);
  });
});

describe('times', () => {
  test.each<[Record<string, unknown>, unknown, bigint | 'TIME' | null]>([
    [{ format: 's' }, 1_700_000_000, 1_700_000_000n * S],
    [{ format: 'ms' }, '1700000000123', 1_700_000_000_123_000_000n],
    [{ format: 'us' }, 1_700_000_000_123_456, 1_700_000_000_123_456_000n],
    [{ format: 'ns' }, '1700000000123456789', 1_700_000_000_123_456_789n],
    [{}, '2023-11-14T22:13:20Z', 1_700_000_000n * S],
    [{}, 1_700_000_000_000, 1_700_000_000n * S],
    [{ zone: '+08:00' }, '2023-11-15T06:13:20', 1_700_000_000n * S],
    [{ zone: 'Asia/Shanghai' }, '2023-11-15T06:13:20', 1_700_000_000n * S],
    [{ zone: 'Asia/Shanghai' }, '2023-11-14T22:13:20Z', 1_700_000_000n * S],
    [{ pattern: 'dd.MM.yyyy HH:mm:ss', zone: 'Europe/Berlin' }, '14.11.2023 23:13:20', 1_700_000_000n * S],
    [{ pattern: 'M/d/yyyy h:mm:ss a', zone: 'America/New_York' }, '11/14/2023 5:13:20 PM', 1_700_000_000n * S],
    [{ pattern: "yyyyMMdd'T'HHmmss.SSS" }, '20231114T221320.5', 1_700_000_000n * S + 500_000_000n],
    // Clocks go back at 03:00: 02:30 is there twice, and the first is meant. They go forward at 02:00: 02:30 is not there.
    [
      { pattern: 'yyyy-MM-dd HH:mm', zone: 'Europe/Berlin' },
      '2023-10-29 02:30',
      BigInt(Date.UTC(2023, 9, 29, 0, 30)) * 1_000_000n,
    ],
    [
      { pattern: 'yyyy-MM-dd HH:mm', zone: 'Europe/Berlin' },
      '2023-03-26 12:00',
      BigInt(Date.UTC(2023, 2, 26, 10)) * 1_000_000n,
    ],
    [{ pattern: 'dd.MM.yyyy' }, '31.02.2023', 'TIME'],
    [{ pattern: 'dd.MM.yyyy' }, 'soon', 'TIME'],
    [{ format: 'iso' }, 5, 'TIME'],
    [{ format: 'ms' }, 1e300, 'TIME'],
    [{ format: 'ms' }, null, null],
  ])('%j reads %j', (time, told, expected) => {
    const definition = { readings: [{ point: 'p', value: '/v', time: { path: '/t', ...time } }] } as MappingInput;
    const { samples, rejected } = read(definition, { v: 1, t: told });
    expect(samples?.[0] ? samples[0][3] : rejected?.[0]?.[1]).toBe(expected);
  });
});

describe('other bytes', () => {
  test('CSV without headings, decimal commas, per-row errors by line', () => {
    const definition: MappingInput = {
      format: 'csv',
      csv: { columns: ['when', 'temp', 'speed'], delimiter: ';' },
      readings: [
        {
          each: '/*',
          point: 'temp',
          value: 'temp',
          decimalComma: true,
          missing: 'skip',
          time: { path: 'when', pattern: 'dd.MM.yyyy HH:mm' },
        },
        { each: '/*', point: 'speed', value: 'speed' },
      ],
    };
    const time = BigInt(Date.UTC(2026, 0, 2, 3, 4)) * 1_000_000n;
    expect(read(definition, '02.01.2026 03:04;21,5;1480\n02.01.2026 03:05;;x\nbroken\n')).toEqual({
      samples: [
        ['temp', 21.5, null, time],
        ['speed', 1480, null, null],
      ],
      rejected: [
        [2, 'VALUE_TYPE', 'line 2, speed'],
        [3, 'CSV_ROW', 'line 3'],
      ],
    });
  });

  test('line protocol: points named by tags', () => {
    const definition: MappingInput = {
      format: 'line',
      readings: [{ each: '/*/fields/*', point: '{../../tags/axis}.{key}', time: { path: '../../time', format: 's' } }],
    };
    expect(read(definition, 'vib,axis=x rms=1.5,peak=3i 1700000000\nbad')).toEqual({
      samples: [
        ['x.rms', 1.5, null, 1_700_000_000n * S],
        ['x.peak', 3, null, 1_700_000_000n * S],
      ],
      rejected: [[2, 'LINE_SYNTAX', 'line 2, column 4']],
    });
  });

  test('CBOR', () => {
    const definition: MappingInput = { format: 'cbor', readings: [{ each: '/d/*', point: '{key}' }] };
    expect(read(definition, Buffer.from(encode({ d: { a: 1, b: 2.5 } }))).samples).toEqual([
      ['a', 1, null, null],
      ['b', 2.5, null, null],
    ]);
  });
});

describe('what does not fit is told', () => {
  test('nothing at any of the paths', () => {
    expect(read({ readings: [{ each: '/data/*', point: '{key}' }] }, { other: 1 })).toMatchObject({
      failure: { code: 'MAPPING_PATH', field: '/data/*', reason: expect.stringContaining('/data/*') },
    });
  });

  test('keys of prototypes are no keys, own ones are', () => {
    expect(read({ readings: [{ point: 'p', value: '/constructor/name' }] }, {}).rejected).toEqual([
      [0, 'VALUE_TYPE', '/constructor/name'],
    ]);
    expect(read({ readings: [{ each: '/*', point: '{key}' }] }, '{"__proto__":5}').samples).toEqual([
      ['__proto__', 5, null, null],
    ]);
  });

  test.each<[string, unknown]>([
    ['a wildcard in a value', { readings: [{ point: 'p', value: '/a/*' }] }],
    ['an open brace', { readings: [{ point: 'p{key' }] }],
    ['entries that are not from the root', { readings: [{ point: 'p', each: 'a/*' }] }],
    ['an unknown conversion', { readings: [{ point: 'p', convert: 'furlong->m' }] }],
    ['an unknown zone', { time: { path: '/t', zone: 'Mars/Olympus' }, readings: [{ point: 'p' }] }],
    ['a pattern without a day', { time: { path: '/t', pattern: 'yyyy-MM' }, readings: [{ point: 'p' }] }],
    ['our own topics', { topics: ['fl/1/x/{device}/telemetry'], readings: [{ point: 'p' }] }],
    ['every topic', { topics: ['#'], readings: [{ point: 'p' }] }],
    ['no reading', { readings: [] }],
    ['an unknown field', { readings: [{ point: 'p', eval: '1' }] }],
  ])('%s is refused when it is saved', (_what, definition) => {
    expect(mappingDefinition.safeParse(definition).success).toBe(false);
  });

  test('a mapping that goes through all of a message again and again is stopped', () => {
    const readings = Array.from({ length: 64 }, () => ({
      each: '/*/*/*',
      point: '{key}',
      when: [{ path: '.', equals: 'x' }],
    }));
    const message = JSON.stringify(
      Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 1))),
    );
    const started = performance.now();
    expect(read({ readings }, message)).toMatchObject({ failure: { code: 'MAPPING_WORK' } });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test('any message is decoded or refused by any mapping, and counted as it is decoded', () => {
  const key = fc.constantFrom('a', 'b', 'v', 't', '__proto__');
  const node = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(1, '2', 'x', null, true, 1e308),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(key, tie('node'), { maxKeys: 3 }),
    ),
  })).node;
  const step = fc.constantFrom('a', 'b', '*', '0', '..');
  const path = fc.array(step, { maxLength: 3 }).map((steps) => steps.filter((each) => each !== '*').join('/') || '.');
  const rule = fc.record({
    each: fc.array(step, { maxLength: 3 }).map((steps) => `/${steps.filter((each) => each !== '..').join('/')}`),
    point: fc.constantFrom('p', '{key}', '{a}', '{../b}', '{topic.2}'),
    value: path,
    missing: fc.constantFrom('reject', 'skip'),
    convert: fc.constantFrom('psi->kPa', { scale: 1e300 }),
    time: fc.record({ path, format: fc.constantFrom('auto', 'ms') }),
  });
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), node, (readings, message) => {
      const mapping = compiled({ readings } as MappingInput);
      const payload = Buffer.from(JSON.stringify(message));
      const decoding = mapping.decode(payload, context);
      const units = decoding.ok ? decoding.samples.length + decoding.rejected.length : 1;
      return units === mapping.count(payload, 0, payload.length);
    }),
    { numRuns: 1000 },
  );
});
