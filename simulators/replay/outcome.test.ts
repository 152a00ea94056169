import { afterEach, describe, expect, it } from 'vitest';
import { startTestApi } from '../attach/api.fixture.ts';
import { replayAssets } from './assets.ts';
import { outcomeTable, readOutcomes } from './outcome.ts';
import type { ReplayRecord } from './record.ts';

let stop: (() => Promise<unknown>) | undefined;
afterEach(() => stop?.());

const record = (name: string): ReplayRecord => ({
  kind: 'waveform',
  name,
  path: name,
  samplingRateHz: 1,
  unit: 'g',
  durationSeconds: 1,
  blocks: async function* () {},
});

describe("a replay's outcome", () => {
  it('is read from the points of each record, over all pages; a suspicion is no answer', async () => {
    const assets = replayAssets(['a', 'b', 'c', 'd'].map(record), 'r');
    const anomaly = (device: string, fault: string, status = 'confirmed') => ({
      id: fault,
      pointKey: `${device}/vibration`,
      fault,
      status,
      confidence: 0.6,
    });
    const pages = [
      [anomaly('replay-r-001', 'deviation'), anomaly('replay-r-001', 'outer'), anomaly('elsewhere', 'inner')],
      [anomaly('replay-r-002', 'inner', 'suspected'), anomaly('replay-r-003', 'severity')],
    ];
    const server = await startTestApi((path, query) => {
      const page = Number(query.get('cursor') ?? 0);
      if (path === '/api/v1/anomalies') return { items: pages[page], nextCursor: page === 0 ? '1' : null };
      const orders = [
        { number: 'WO-1', pointKey: 'replay-r-001/vibration', fault: 'outer' },
        { number: 'WO-2', pointKey: 'replay-r-003/vibration', fault: 'severity' },
        { number: 'WO-3', pointKey: null, fault: 'other' },
      ];
      return { items: orders, nextCursor: null };
    });
    stop = server.stop;
    const outcomes = await readOutcomes(server.api, assets);
    expect(outcomes.map(({ record: name, fault, confidence, order }) => [name, fault, confidence, order])).toEqual([
      ['a', 'outer', 0.6, 'WO-1'],
      ['b', null, 0, null],
      ['c', null, 0, 'WO-2'],
      ['d', null, 0, null],
    ]);
    const table = outcomeTable(outcomes).split('\n');
    expect(table[0]).toMatch(/^record +fault named +confidence +order opened$/);
    expect(table.slice(2).map((line) => line.split(/ {2,}/))).toEqual([
      ['a', 'outer', '0.60', 'WO-1'],
      ['b', '–', '–'],
      ['c', '(severity)', 'WO-2'],
      ['d', '–', '–'],
    ]);
  });
});
