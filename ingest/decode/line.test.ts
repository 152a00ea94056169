import { describe, expect, test } from 'vitest';
import { lineFormat } from './line.ts';
import { readLines } from './lineParts.ts';
import type { Sample } from './types.ts';

const context = { arrivalNs: 0n, vendorTopic: null };
const decode = (text: string) => lineFormat.decode(Buffer.from(text), context);
const count = (text: string) => lineFormat.count(Buffer.from(text), 0, Buffer.byteLength(text));
const parts = (text: string) =>
  [...readLines(text)].map((line) =>
    'reason' in line
      ? `bad at ${line.number}:${line.column}`
      : [line.measurement, line.tags, line.fields, line.timestamp],
  );

/* Inputs of Telegraf's parser tests (influxdata/telegraf, MIT, plugins/parsers/influx/machine_test.go), escapes taken away. */
describe('what Telegraf’s parser reads', () => {
  test.each<[string, unknown[]]>([
    ['', []],
    ['cpu value=42', [['cpu', [], [['value', 42]], null]]],
    ['cpu value=42\n', [['cpu', [], [['value', 42]], null]]],
    ['cpu value=42 1516241192000000000', [['cpu', [], [['value', 42]], '1516241192000000000']]],
    ['c\\pu value=42', [['c\\pu', [], [['value', 42]], null]]],
    ['cpu\\ abc value=42', [['cpu abc', [], [['value', 42]], null]]],
    ['cpu value=42e0', [['cpu', [], [['value', 42]], null]]],
    ['cpu value=-42e0', [['cpu', [], [['value', -42]], null]]],
    ['cpu value=42e-1', [['cpu', [], [['value', 4.2]], null]]],
    ['cpu value=42E0', [['cpu', [], [['value', 42]], null]]],
    ['cpu value=42.2', [['cpu', [], [['value', 42.2]], null]]],
    ['cpu value=.42', [['cpu', [], [['value', 0.42]], null]]],
    ['cpu value=-.42', [['cpu', [], [['value', -0.42]], null]]],
    ['cpu value=00.42', [['cpu', [], [['value', 0.42]], null]]],
    [
      'cpu x=42,y=42',
      [
        [
          'cpu',
          [],
          [
            ['x', 42],
            ['y', 42],
          ],
          null,
        ],
      ],
    ],
    ['cpu value=42i', [['cpu', [], [['value', 42n]], null]]],
    ['cpu value=-42i', [['cpu', [], [['value', -42n]], null]]],
    ['cpu value=-0i', [['cpu', [], [['value', 0n]], null]]],
    ['cpu value=9223372036854775808i', [['cpu', [], [['value', 9223372036854775808n]], null]]],
    ['cpu value="42"', [['cpu', [], [['value', '42']], null]]],
    ['cpu value="4\n2"', [['cpu', [], [['value', '4\n2']], null]]],
    ['cpu value="4\r2"', [['cpu', [], [['value', '4\r2']], null]]],
    ['cpu value=true', [['cpu', [], [['value', true]], null]]],
    ['cpu,host=localhost value=42', [['cpu', [['host', 'localhost']], [['value', 42]], null]]],
    ['cpu,h\\ ost=localhost value=42', [['cpu', [['h ost', 'localhost']], [['value', 42]], null]]],
    ['cpu,h\\,ost=localhost value=42', [['cpu', [['h,ost', 'localhost']], [['value', 42]], null]]],
    ['cpu,h\\=ost=localhost value=42', [['cpu', [['h=ost', 'localhost']], [['value', 42]], null]]],
    [
      'cpu,host=localhost,cpu=cpu0 value=42',
      [
        [
          'cpu',
          [
            ['host', 'localhost'],
            ['cpu', 'cpu0'],
          ],
          [['value', 42]],
          null,
        ],
      ],
    ],
    ['cpu,host=two\\ words value=42', [['cpu', [['host', 'two words']], [['value', 42]], null]]],
    ['cpu value=42 -1', [['cpu', [], [['value', 42]], '-1']]],
    ['cpu value=42 0', [['cpu', [], [['value', 42]], '0']]],
    [
      'cpu value=42\n\n\n\ncpu value=43',
      [
        ['cpu', [], [['value', 42]], null],
        ['cpu', [], [['value', 43]], null],
      ],
    ],
    ['\ncpu value=42', [['cpu', [], [['value', 42]], null]]],
    [
      '   cpu   value=42  1516241192000000000  \n\n cpu value=42',
      [
        ['cpu', [], [['value', 42]], '1516241192000000000'],
        ['cpu', [], [['value', 42]], null],
      ],
    ],
    ['# blah blah', []],
    ['# blah blah\ncpu value=42', [['cpu', [], [['value', 42]], null]]],
    ['cpu value=42\n# blah blah\n\n  ', [['cpu', [], [['value', 42]], null]]],
    ['cpu ☺=42', [['cpu', [], [['☺', 42]], null]]],
  ])('%j', (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });

  test.each([
    ['cpu value=42E', 'bad at 1:11'],
    ['cpu value=.', 'bad at 1:11'],
    ['cpu value=howdy', 'bad at 1:11'],
    ['cpu,xyzzy value=42', 'bad at 1:10'],
    ['cpu,xyzzy= value=42', 'bad at 1:11'],
    ['cpu,h ost=localhost value=42', 'bad at 1:6'],
    ['cpu,h,ost=localhost value=42', 'bad at 1:6'],
    ['cpu,h=ost=localhost value=42', 'bad at 1:10'],
    ['cpu value=', 'bad at 1:11'],
    ['cpu value', 'bad at 1:10'],
    ['cpu', 'bad at 1:4'],
    [',', 'bad at 1:1'],
    ['cpu, value=42', 'bad at 1:5'],
    ['cpu,x=y ', 'bad at 1:9'],
    ['cpu value=42 value=43', 'bad at 1:14'],
    ['cpu value=42 12345678901234567890', 'bad at 1:14'],
    ['cpu value="42 12345678901234567890', 'bad at 1:11'],
    ['cpu value=42 "12345678901234567890"', 'bad at 1:14'],
    ['cpu value=42\rcpu value=invalid', 'bad at 1:14'],
  ])('%j is wrong', (text, expected) => {
    expect(parts(text)).toEqual([expected]);
  });

  test.each([
    ['cpu value=howdy,value2=42\ncpu\ncpu value=42', ['bad at 1:11', 'bad at 2:4', ['cpu', [], [['value', 42]], null]]],
    ['cpu value=42\n# comment\ncpu value=invalid', [['cpu', [], [['value', 42]], null], 'bad at 3:11']],
    ['cpu value=42\r\ncpu value=invalid', [['cpu', [], [['value', 42]], null], 'bad at 2:11']],
  ])('it goes on behind a line that is wrong: %j', (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });
});

/* The escapes that InfluxDB's own documentation of the protocol gives as examples. */
test('quotes and backslashes of the specification', () => {
  expect(parts('airSensors,sensor_id=TLM0201 note="say \\"hi\\" \\\\o/" 1630424257000000000')).toEqual([
    ['airSensors', [['sensor_id', 'TLM0201']], [['note', 'say "hi" \\o/']], '1630424257000000000'],
  ]);
});

test('a field becomes a reading of the point that its series names', () => {
  const text =
    'vib,plant=a,axis=x rms=1.5,count=3u,alarm=F,mode="run" 1465839830100400200\ndisk,path=/var used=7i 1465839830\nup v=1';
  const decoding = decode(text);
  if (!decoding.ok) throw new Error(decoding.failure.reason);
  expect(decoding.samples.map(({ point, value, timeNs, index }: Sample) => [index, point, value, timeNs])).toEqual([
    [0, 'vib,axis=x,plant=a.rms', 1.5, 1_465_839_830_100_400_200n],
    [1, 'vib,axis=x,plant=a.count', 3, 1_465_839_830_100_400_200n],
    [2, 'vib,axis=x,plant=a.alarm', 0, 1_465_839_830_100_400_200n],
    [4, 'disk,path=|var.used', 7, 1_465_839_830_000_000_000n],
    [5, 'up.v', 1, null],
  ]);
  expect(decoding.rejected).toMatchObject([{ index: 3, code: 'VALUE_TYPE', field: 'line 1, field mode' }]);
  expect(count(text)).toBe(6);
});

test.each([
  ['', 'EMPTY'],
  ['# nothing', 'EMPTY'],
])('%j is refused whole', (text, code) => {
  expect(decode(text)).toMatchObject({ ok: false, failure: { code } });
});

test('bytes that are no UTF-8 are refused', () => {
  expect(lineFormat.decode(Buffer.from([0x63, 0xff, 0x20]), context)).toMatchObject({
    failure: { code: 'TEXT_ENCODING' },
  });
});
