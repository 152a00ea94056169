import { expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { cachedFacts } from './cachedFacts.ts';
import { maintenanceAt, type PointFacts } from './machineFacts.ts';

const factsOf = (pointKey: string, graphVersion: string): PointFacts => ({
  pointId: pointKey,
  assetId: 'asset',
  assetName: 'Pump 3',
  machineId: 'machine',
  machineName: 'Pump 3',
  graphVersion,
});

function counted() {
  let graphVersion = '1';
  const asked: string[] = [];
  return {
    asked,
    change: () => {
      graphVersion = '2';
    },
    source: {
      ranges: async (_tenant: string, device: string) => {
        asked.push(`ranges of ${device}`);
        return new Map([['t', { max: 120 }]]);
      },
      facts: async (_tenant: string, pointKey: string) => {
        asked.push(pointKey);
        if (pointKey === 'broken') throw new Error('CMDB away');
        return pointKey === 'unknown' ? null : factsOf(pointKey, graphVersion);
      },
    },
  };
}

test('asks once within the time to live, also for unknown points, and again after it', async () => {
  const clock = manualClock();
  const { asked, source } = counted();
  const facts = cachedFacts(source, clock);
  for (const key of ['p', 'p', 'unknown', 'unknown']) await facts.facts('t', key);
  expect(asked).toEqual(['p', 'unknown']);
  await clock.advance(3_000);
  await facts.facts('t', 'p');
  expect(asked).toEqual(['p', 'unknown', 'p']);
});

test('a newer graph seen anywhere makes the older answers stale at once', async () => {
  const { asked, source, change } = counted();
  const facts = cachedFacts(source, manualClock());
  await facts.facts('t', 'a');
  change();
  await facts.facts('t', 'b');
  expect((await facts.facts('t', 'a'))?.graphVersion).toBe('2');
  expect(asked).toEqual(['a', 'b', 'a']);
});

test('tenants do not share answers, and a failure is not remembered', async () => {
  const { asked, source } = counted();
  const facts = cachedFacts(source, manualClock());
  await facts.facts('t', 'a');
  await facts.facts('u', 'a');
  await expect(facts.facts('t', 'broken')).rejects.toThrow('CMDB away');
  await expect(facts.facts('t', 'broken')).rejects.toThrow('CMDB away');
  expect(asked).toEqual(['a', 'a', 'broken', 'broken']);
});

test('a maintenance window holds from its start to before its end', () => {
  const facts = { ...factsOf('p', '1'), maintenance: [{ fromMs: 100, toMs: 200 }] };
  expect([99, 100, 199, 200].map((at) => maintenanceAt(facts, at) !== null)).toEqual([false, true, true, false]);
  expect(maintenanceAt(null, 150)).toBeNull();
});
