import { describe, expect, it } from 'vitest';
import { recordWaveform } from '../machines/index.ts';
import { velocityRmsMmS } from '../machines/spectrum.fixture.ts';
import { plantCmdb, plantMachines } from './index.ts';

const { cis, relations } = plantCmdb();
const byKey = new Map(cis.map((ci) => [ci.key, ci]));
const count = (type: string) => cis.filter((ci) => ci.type === type).length;

describe("the plant's CMDB", () => {
  it('is as large as promised', () => {
    expect(count('line')).toBeGreaterThanOrEqual(3);
    expect(count('equipment')).toBeGreaterThanOrEqual(30);
    expect(count('measuring_point')).toBeGreaterThanOrEqual(120);
    const kinds = new Set(cis.filter((ci) => ci.type === 'equipment').map((ci) => ci.attributes.kind));
    expect([...kinds].sort()).toEqual(['conveyor', 'fan', 'gearbox', 'motor', 'pump']);
    const rest = [
      'gateway',
      'plc',
      'server',
      'network_device',
      'database',
      'application',
      'power_feed',
      'business_service',
    ];
    for (const type of [...rest, 'person', 'team', 'supplier', 'contract'])
      expect(count(type), type).toBeGreaterThan(0);
  });
  it('has unique keys, and relations only between CIs that exist', () => {
    expect(byKey.size).toBe(cis.length);
    for (const { from, to, type } of relations) {
      expect(byKey.has(from), `${from} ${type} ${to}`).toBe(true);
      expect(byKey.has(to), `${from} ${type} ${to}`).toBe(true);
    }
    expect(new Set(relations.map((r) => `${r.from} ${r.type} ${r.to}`)).size).toBe(relations.length);
  });
  it('needs at most as many of a redundancy group as it has', () => {
    const members = new Map<string, { count: number; minUp: number }>();
    for (const { from, to, type, redundancy_group, min_up } of relations) {
      if (redundancy_group === undefined) continue;
      const needing = ['DEPENDS_ON', 'RUNS_ON', 'CONNECTED_TO'].includes(type) ? from : to;
      const key = `${needing} ${redundancy_group}`;
      members.set(key, { count: (members.get(key)?.count ?? 0) + 1, minUp: min_up! });
    }
    expect(members.get('line-pm1 fan-pumps')).toEqual({ count: 3, minUp: 2 });
    for (const [key, { count: size, minUp }] of members) expect(minUp, key).toBeLessThan(size);
  });
  it('gives every service an accountable owner who can be reached, in both languages', () => {
    const locales = new Set<unknown>();
    for (const service of cis.filter((ci) => ci.type === 'business_service')) {
      const owners = relations.filter((r) => r.from === service.key && r.type === 'OWNED_BY');
      expect(
        owners.some((r) => r.attributes?.role === 'accountable'),
        service.key,
      ).toBe(true);
      for (const owner of owners) {
        const { email, locale } = byKey.get(owner.to)!.attributes;
        expect(email).toMatch(/@plant\.example$/);
        locales.add(locale);
      }
    }
    expect(locales).toEqual(new Set(['zh-CN', 'en']));
  });
  it('lets every vibration point watch a bearing whose geometry is known', () => {
    for (const machine of plantMachines('test')) {
      for (const { point, sensor } of machine.points) {
        const watches = relations.find((r) => r.from === `${machine.device}/${point}` && r.type === 'MONITORS')!;
        if (sensor) expect(byKey.get(watches.to)!.attributes.bearing).toEqual(machine.design.bearings[sensor.bearing]);
      }
    }
  });
});

describe('its machines', () => {
  it('are all in good order to begin with: below 1.4 mm/s, the limit of zone A (ISO 20816-3, group 2, rigid)', () => {
    for (const { design, row } of plantMachines('test')) {
      const { samples } = recordWaveform(
        design,
        { bearing: 'DE', axis: 'radial' },
        { speedRpm: row.ratedRpm, loadPercent: 90, defects: [] },
        { samplingRateHz: 12_800, sampleCount: 16_384, take: 1 },
      );
      const velocity = velocityRmsMmS(samples, 12_800);
      expect(velocity, row.tag).toBeGreaterThan(0.25);
      expect(velocity, row.tag).toBeLessThan(1.4);
    }
  });
});
