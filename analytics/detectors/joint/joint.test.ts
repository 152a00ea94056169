import { expect, test } from 'vitest';
import { seededUniform } from '../../seededUniform.ts';
import { companionsOf, newCompany, noteMember, rowWasJudged } from '../../worker/companions.ts';
import type { Verdict } from '../observation.ts';
import { observe } from '../observe.ts';
import { scalarObservation } from '../scalarObservation.ts';
import { type DetectorSettings, SCALAR_SETTINGS } from '../settings.ts';
import { type DetectorState, newDetectorState } from '../state.ts';

const FACTS = { pointId: '', assetId: '', assetName: '', machineId: '', machineName: '', graphVersion: '0' };
const STEP_MS = 10_000;

/** Four readings of one machine that follow its load, as one device sends them. */
function machine(seed: number, settings: DetectorSettings = SCALAR_SETTINGS) {
  const next = seededUniform(seed);
  const noise = () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
  const company = newCompany();
  const states = new Map<string, DetectorState>();
  let row = 0;
  const hear = (key: string, value: number): Verdict => {
    const state = states.get(key) ?? newDetectorState();
    states.set(key, state);
    const companions = companionsOf(company, key);
    const read = scalarObservation(value, { timeMs: row * STEP_MS, unit: '°C', gate: null });
    const verdict = observe(state, settings, companions ? { ...read, companions } : read);
    const said = verdict.scored[0];
    if (said?.z != null) noteMember(company, key, FACTS, { z: said.z, group: 'reading', unit: '°C' });
    if (companions) rowWasJudged(company);
    const { act, claim } = verdict;
    if (act === 'fade') state.open = null;
    if (claim && (act === 'suspect' || act === 'confirm')) {
      const status = act === 'confirm' ? ('confirmed' as const) : ('suspected' as const);
      state.open = { anomalyId: 'x', fault: 'deviation', status, level: 'warning', part: 'origin', strength: 1 };
    }
    return verdict;
  };
  return {
    states,
    company,
    /** @returns the verdicts that asked for something */
    run: (
      rows: number,
      load: (row: number) => number,
      added: readonly [number, number, number, number] = [0, 0, 0, 0],
    ) => {
      const acts: { row: number; key: string; verdict: Verdict }[] = [];
      for (const end = row + rows; row < end; row++) {
        const l = load(row) + 0.3 * noise();
        const values = [
          50 + 2 * l + 0.5 * noise(),
          120 + 5 * l + noise(),
          7 + 0.3 * l + 0.05 * noise(),
          30 - l + 0.4 * noise(),
        ];
        values.forEach((value, i) => {
          const key = `node/p${i}`;
          const verdict = hear(key, value + added[i]!);
          if (verdict.act !== 'none') acts.push({ row, key, verdict });
        });
      }
      return acts;
    },
  };
}

const wander = (row: number) => 1.5 * Math.sin(row / 500);

test('a reading that leaves the others is told by what it contributes, long before it leaves its own limits', () => {
  const plant = machine(1);
  expect(plant.run(5000, wander)).toEqual([]);
  const told = plant.run(600, wander, [12, 0, 0, 0]).find(({ verdict }) => verdict.act === 'confirm')!;
  expect(told.verdict).toMatchObject({ claim: { fault: 'deviation', basis: 'joint', level: 'warning' } });
  expect(told.verdict.scored.some(({ speaks }) => speaks)).toBe(false);
  const { joint } = told.verdict;
  expect(joint!.statistic).not.toBe('T2');
  expect(joint!.parts[0]!.name).toBe('value');
  expect(joint!.parts[0]!.share).toBeGreaterThan(0.5);
  expect(joint!.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2);
});

test('the same, where nothing is to be made of it, raises nothing', () => {
  const joint = { ...SCALAR_SETTINGS.joint, relationWorth: 0, rangeWorth: 0 };
  const plant = machine(1, { ...SCALAR_SETTINGS, joint });
  plant.run(5000, wander);
  expect(plant.run(600, wander, [12, 0, 0, 0])).toEqual([]);
});

test.each([
  ['noise alone', () => 0],
  ['a daily course', (row: number) => 2 * Math.sin((2 * Math.PI * row) / 3000)],
  ['a load that steps', (row: number) => [0, 1, -1, 2, 0.5][Math.floor(row / 1000) % 5]!],
  ['a slow drift of the load', (row: number) => row / 4000],
])('%s confirms nothing', (_, load) => {
  const acts = machine(2).run(6000, load);
  expect(acts.filter(({ verdict }) => verdict.act === 'confirm')).toEqual([]);
});

test('a memory is small, plain, and stands still while an anomaly is open', () => {
  const plant = machine(3);
  plant.run(1500, wander);
  const leader = plant.states.get('node/p0')!;
  expect(JSON.parse(JSON.stringify(leader))).toEqual(leader);
  expect(JSON.stringify(leader).length).toBeLessThan(12_000);
  expect([...plant.states].filter(([, { regimes }]) => regimes.some(({ joint }) => joint)).map(([key]) => key)).toEqual(
    ['node/p0'],
  );
  leader.open = { anomalyId: 'x', fault: 'outer', status: 'confirmed', level: 'warning', part: 'origin', strength: 1 };
  const kept = structuredClone(leader.regimes[0]!.joint!.kept);
  plant.run(300, wander, [20, 0, 0, 0]);
  expect(leader.regimes[0]!.joint!.kept).toEqual(kept);
});

test('rows wait for every member, and go on without one that has fallen silent', () => {
  const company = newCompany();
  const say = (key: string) => noteMember(company, key, FACTS, { z: 1, group: 'reading', unit: '' });
  for (const key of ['n/a', 'n/b', 'n/c']) say(key);
  expect(companionsOf(company, 'n/b')).toBeNull();
  expect(companionsOf(company, 'n/a')!.map(({ name }) => name)).toEqual(['n/b', 'n/c']);
  rowWasJudged(company);
  for (let i = 0; i < 300; i++) for (const key of ['n/b', 'n/a']) say(key);
  expect(companionsOf(company, 'n/a'), 'c has said nothing new').toBeNull();
  for (let i = 0; i < 300; i++) for (const key of ['n/b', 'n/a']) say(key);
  expect(companionsOf(company, 'n/a')!.map(({ name }) => name)).toEqual(['n/b']);
});
