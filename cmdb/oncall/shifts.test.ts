import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Layer, layerSchema } from './calendar.ts';
import { onCallAt, type Rota, shiftsFrom } from './shifts.ts';
import { inForce, turnAt } from './turns.ts';

const ms = (text: string) => Date.parse(text);
const layer = (over: Partial<Layer> = {}): Layer => ({
  ...{ name: 'first', members: ['ann', 'ben'], timeZone: 'Europe/Berlin', startsOn: '2026-03-23', hours: null },
  handOver: { every: 1, unit: 'days', at: '09:00' },
  ...over,
});
const rota = (layers: Layer[], over: Partial<Rota> = {}): Rota => ({
  ...{ layers, overrides: [], isThere: () => true },
  ...over,
});
const told = (of: Rota, from: string, count: number) =>
  shiftsFrom(of, ms(from), count).map(({ fromMs, toMs, personId }) => [
    new Date(fromMs).toISOString().slice(0, 16),
    new Date(toMs).toISOString().slice(0, 16),
    personId,
  ]);

describe('turns', () => {
  it('change at the same hour by the clock on the wall, whatever daylight saving does', () => {
    // Berlin goes from UTC+1 to UTC+2 in the night to 29 March 2026, and back in the night to 25 October.
    expect(told(rota([layer()]), '2026-03-27T08:00:00Z', 3)).toEqual([
      ['2026-03-27T08:00', '2026-03-28T08:00', 'ann'],
      ['2026-03-28T08:00', '2026-03-29T07:00', 'ben'],
      ['2026-03-29T07:00', '2026-03-30T07:00', 'ann'],
    ]);
    expect(told(rota([layer()]), '2026-10-24T07:00:00Z', 2)).toEqual([
      ['2026-10-24T07:00', '2026-10-25T08:00', 'ben'],
      ['2026-10-25T08:00', '2026-10-26T08:00', 'ann'],
    ]);
  });

  it('count hours as they pass, and take a time that the clock skips an hour later', () => {
    const hourly = layer({ startsOn: '2026-03-29', handOver: { every: 12, unit: 'hours', at: '00:00' } });
    expect(told(rota([hourly]), '2026-03-28T23:00:00Z', 2)).toEqual([
      ['2026-03-28T23:00', '2026-03-29T11:00', 'ann'],
      ['2026-03-29T11:00', '2026-03-29T23:00', 'ben'],
    ]);
    const skipped = layer({ startsOn: '2026-03-28', handOver: { every: 1, unit: 'days', at: '02:30' } });
    expect(new Date(turnAt(skipped, ms('2026-03-28T12:00Z')).untilMs).toISOString()).toBe('2026-03-29T01:30:00.000Z');
  });

  it('are without gap or overlap at any time, and the same however one comes to ask', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe');
    const units = fc.constantFrom('hours', 'days', 'weeks');
    fc.assert(
      fc.property(
        zones,
        units,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(400 * 24 * 60),
        (timeZone, unit, every, minute) => {
          const one = layer({
            timeZone,
            handOver: { every, unit: unit as 'days', at: '02:30' },
            members: ['a', 'b', 'c'],
          });
          const atMs = ms('2026-03-24T00:00Z') + minute * 60_000;
          const { memberId, untilMs } = turnAt(one, atMs);
          expect(untilMs).toBeGreaterThan(atMs);
          expect(turnAt(one, untilMs - 1)).toEqual({ memberId, untilMs });
          expect(turnAt(one, untilMs).memberId).not.toBe(memberId);
        },
      ),
    );
  });

  it('of nobody before the first', () => {
    expect(turnAt(layer(), ms('2026-03-23T07:59:00Z'))).toEqual({
      ...{ memberId: null, untilMs: ms('2026-03-23T08:00:00Z') },
    });
  });
});

describe('layers', () => {
  const office = layer({
    name: 'office',
    members: ['olga'],
    hours: [
      { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' },
      { days: [5], from: '22:00', to: '02:00' },
    ],
  });

  it('are in force in their hours, over midnight too, and leave the rest to those below', () => {
    expect(told(rota([office, layer({ name: 'night', members: ['nora'] })]), '2026-04-03T05:00:00Z', 6)).toEqual([
      ['2026-04-03T05:00', '2026-04-03T06:00', 'nora'],
      ['2026-04-03T06:00', '2026-04-03T16:00', 'olga'],
      ['2026-04-03T16:00', '2026-04-03T20:00', 'nora'],
      ['2026-04-03T20:00', '2026-04-04T00:00', 'olga'],
      ['2026-04-04T00:00', '2026-04-06T06:00', 'nora'],
      ['2026-04-06T06:00', '2026-04-06T16:00', 'olga'],
    ]);
  });

  it('tell gaps, when nobody is on call', () => {
    expect(told(rota([office]), '2026-04-04T00:00:00Z', 2)).toEqual([
      ['2026-04-04T00:00', '2026-04-06T06:00', null],
      ['2026-04-06T06:00', '2026-04-06T16:00', 'olga'],
    ]);
    const whole = layer({ hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }] });
    expect(inForce(whole, ms('2026-03-29T00:30Z')).inForce).toBe(true);
    expect(told(rota([whole]), '2026-03-29T07:00Z', 1)[0]![2]).toBe('ann');
  });

  it('pass over whoever is no longer there, and say so', () => {
    const known = rota([layer({ members: ['gone'] }), layer({ name: 'backup', members: ['bea'] })], {
      isThere: (person) => person !== 'gone',
    });
    expect(onCallAt(known, ms('2026-04-01T12:00Z'))).toMatchObject({
      ...{ personId: 'bea', by: { layer: 'backup' }, missing: ['gone'] },
    });
    expect(onCallAt({ ...known, layers: known.layers.slice(0, 1) }, ms('2026-04-01T12:00Z'))).toMatchObject({
      ...{ personId: null, by: null, missing: ['gone'] },
    });
  });

  it('give way to overrides, of which the newest counts', () => {
    const stands = (id: string, from: string, to: string) => ({
      ...{ id, personId: id, from: new Date(from), to: new Date(to), reason: null },
    });
    const overrides = [
      stands('holiday', '2026-04-01T00:00Z', '2026-04-03T00:00Z'),
      stands('doctor', '2026-04-02T10:00Z', '2026-04-02T12:00Z'),
    ];
    const of = rota([layer({ members: ['ann'] })], { overrides });
    expect(told(of, '2026-03-31T12:00Z', 5).map(([from, , who]) => [from, who])).toEqual([
      ['2026-03-31T12:00', 'ann'],
      ['2026-04-01T00:00', 'holiday'],
      ['2026-04-02T10:00', 'doctor'],
      ['2026-04-02T12:00', 'holiday'],
      ['2026-04-03T00:00', 'ann'],
    ]);
  });
});

it('refuses what is no time, day or zone', () => {
  const wrong = (over: object) => layerSchema.safeParse({ ...layer(), ...over }).error?.issues[0]?.path;
  expect(wrong({ timeZone: 'Mars/Olympus' })).toEqual(['timeZone']);
  expect(wrong({ timeZone: '+08:00' })).toEqual(['timeZone']);
  expect(wrong({ startsOn: '2026-02-30' })).toEqual(['startsOn']);
  expect(wrong({ handOver: { every: 0, unit: 'days', at: '08:00' } })).toEqual(['handOver', 'every']);
  expect(wrong({ hours: [{ days: [8], from: '08:00', to: '25:00' }] })).toEqual(['hours', 0, 'days', 0]);
  expect(wrong({})).toBeUndefined();
});
