import { expect, test } from 'vitest';
import { normal } from './noise.fixture.ts';
import { newScalarState, type ScalarVerdict, scalarSettingsFor, scalarStep } from './scalarScorer.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 5);

/** A temperature in °C every five minutes that swings with the day and remembers its last value. */
function temperature(count: number, seed: number): number[] {
  const next = normal(seed);
  let wander = 0;
  return Array.from({ length: count }, (_, i) => {
    wander = 0.7 * wander + next();
    return 60 + 4 * Math.sin((2 * Math.PI * i) / 288) + 0.5 * wander;
  });
}

function listen(values: readonly number[], stepMs = 5 * MINUTE_MS, state = newScalarState()): ScalarVerdict[] {
  return values.map((value, i) => scalarStep(state, START_MS + i * stepMs, value));
}

const raisedAt = (verdicts: readonly ScalarVerdict[]) =>
  verdicts.flatMap((verdict, i) => (verdict.kind === 'raised' ? [i] : []));

test('undisturbed streams raise about one alarm in ten thousand values', () => {
  let alarms = 0;
  for (let seed = 40; seed < 60; seed++) alarms += raisedAt(listen(temperature(3_000, seed))).length;
  expect(alarms).toBeLessThan(24);
});

test('a spike, a fall and a slow rise are each raised once, on their side', () => {
  const values = temperature(4_000, 2);
  const raisedFrom = (from: number, verdicts: readonly ScalarVerdict[]) => raisedAt(verdicts).filter((i) => i >= from);
  expect(raisedFrom(2_400, listen(values))).toEqual([]);
  expect(raisedFrom(2_400, listen(values.with(2_500, 95)))).toEqual([2_500]);

  const fall = listen(values.map((value, i) => (i >= 2_500 && i < 2_700 ? value - 12 : value)));
  const [at, ...more] = raisedFrom(2_400, fall);
  expect(at).toBeGreaterThanOrEqual(2_500);
  expect(at).toBeLessThan(2_540);
  expect(more).toEqual([]);
  expect(fall[at!]).toMatchObject({ side: 'low' });

  const [rise] = raisedFrom(2_400, listen(values.map((value, i) => value + Math.max(0, i - 2_500) * 0.02)));
  expect(rise).toBeGreaterThan(2_500);
  expect(rise).toBeLessThan(3_100);
});

test('a value that is usual at noon is unusual at midnight', () => {
  const values = temperature(6_000, 3);
  // At the low of the day the swing stands still for six hours at its height.
  const from = 4_000 - (4_000 % 288) + 180;
  const odd = values.map((value, i) => (i >= from && i < from + 72 ? 64 + (value % 0.5) : value));
  const verdicts = listen(odd);
  const here = (list: readonly number[]) => list.filter((i) => i >= from - 200 && i < from + 100);
  const [at] = here(raisedAt(verdicts));
  expect(at).toBeGreaterThanOrEqual(from);
  expect(at).toBeLessThan(from + 72);
  expect(verdicts[at!]!.reason).toBe('season');
  expect(here(raisedAt(listen(values)))).toEqual([]);
});

test('a spread that widens around the same level is raised', () => {
  const next = normal(4);
  const values = Array.from({ length: 4_000 }, (_, i) => 10 + next() * (i >= 3_000 ? 6 : 1));
  const verdicts = listen(values, MINUTE_MS);
  expect(verdicts[2_999]!.kind).toBe('normal');
  expect(verdicts.slice(3_000, 3_060).map(({ kind }) => kind)).toContain('raised');
});

test('the answer does not depend on the unit', () => {
  const celsius = temperature(3_000, 5).with(2_200, 90);
  const fahrenheit = celsius.map((value) => value * 1.8 + 32);
  const kinds = (values: readonly number[]) => listen(values).map((verdict) => verdict.kind);
  expect(kinds(fahrenheit)).toEqual(kinds(celsius));
});

test('what comes later changes no earlier answer', () => {
  const values = temperature(1_500, 6).with(900, 99).with(1_200, 5);
  const whole = listen(values);
  for (const cut of [401, 901, 1_201]) expect(listen(values.slice(0, cut))).toEqual(whole.slice(0, cut));
});

test('a state that went through JSON goes on as if it had not, and stays small', () => {
  const values = temperature(3_000, 7).with(2_000, 99);
  const whole = listen(values);
  let state = newScalarState();
  values.forEach((value, i) => {
    if (i % 97 === 0) state = JSON.parse(JSON.stringify(state));
    expect(scalarStep(state, START_MS + i * 5 * MINUTE_MS, value)).toEqual(whole[i]);
  });
  expect(JSON.stringify(state).length).toBeLessThan(30_000);
});

test('late, missing and damaged values change nothing', () => {
  const state = newScalarState();
  listen(temperature(600, 8), MINUTE_MS, state);
  const before = JSON.stringify(state);
  expect(scalarStep(state, START_MS, 500).kind).toBe('late');
  expect(scalarStep(state, START_MS + 1e9, Number.NaN).kind).toBe('invalid');
  expect(JSON.stringify(state)).toBe(before);
});

test('a constant stream is silent', () => {
  expect(raisedAt(listen(new Array<number>(1_000).fill(7)))).toEqual([]);
});

test('a new state that nobody ends is accepted as normal', () => {
  const values = temperature(4_000, 9).map((value, i) => (i >= 1_500 ? value + 30 : value));
  const verdicts = listen(values);
  expect(verdicts[1_500]).toMatchObject({ kind: 'raised', side: 'high' });
  expect(verdicts[2_000]!.kind).toBe('open');
  expect(verdicts[2_200]!.kind).toBe('learning');
  expect(verdicts.at(-1)!.kind).toBe('normal');
});

test('a budget of false alarms is kept within a factor of four on noise with a memory', () => {
  // Ten a month, a value a minute: over three streams of 50,000 minutes about 34 are due.
  const settings = scalarSettingsFor(10, MINUTE_MS);
  let alarms = 0;
  for (let seed = 20; seed < 23; seed++) {
    const next = normal(seed);
    const state = newScalarState();
    let value = 0;
    for (let i = 0; i < 50_000; i++) {
      value = 0.8 * value + next();
      if (scalarStep(state, START_MS + i * MINUTE_MS, value, settings).kind === 'raised') alarms += 1;
    }
  }
  expect(alarms).toBeGreaterThan(34 / 4);
  expect(alarms).toBeLessThan(34 * 4);
});
