import { expect, test } from 'vitest';
import { seededUniform } from '../../seededUniform.ts';
import { newLevelTrack } from './levelTrack.ts';
import { judgeRise, look, type RiseKind } from './rise.ts';
import { RISE_SETTINGS } from './riseSettings.ts';

const MINUTE = 60_000;

/** Roughly normal noise: the sum of twelve uniforms. */
function noise(seed: number): () => number {
  const uniform = seededUniform(seed);
  return () => Array.from({ length: 12 }, uniform).reduce((sum, u) => sum + u, -6);
}

/** Follows the points of one machine side by side; says for each the first rise and when. */
function run(
  points: number,
  count: number,
  level: (point: number, i: number) => number,
  timeMs: (i: number) => number = (i) => i * 10 * MINUTE,
  seed = 7,
): ({ at: number; kind: RiseKind } | null)[] {
  const next = noise(seed);
  const tracks = Array.from({ length: points }, newLevelTrack);
  const first: ({ at: number; kind: RiseKind } | null)[] = tracks.map(() => null);
  for (let i = 0; i < count; i++) {
    const sights = tracks.map((track, p) =>
      look(track, RISE_SETTINGS, timeMs(i), level(p, i) * Math.exp(0.012 * next())),
    );
    tracks.forEach((track, p) => {
      const others = sights.filter((_, q) => q !== p);
      const kind = judgeRise(track, RISE_SETTINGS, sights[p]!, others);
      if (kind) first[p] ??= { at: i, kind };
    });
  }
  return first;
}

test('6,000 values of four steady levels raise nothing', () => {
  expect(run(4, 6000, () => 1)).toEqual([null, null, null, null]);
});

test('levels that sink raise nothing', () => {
  expect(run(1, 3000, (_, i) => Math.exp(-i / 3000))).toEqual([null]);
});

test('a restart after days with all levels 22 % up raises nothing', () => {
  const pause = (i: number) => i * 10 * MINUTE + (i >= 700 ? 6 * 24 * 60 * MINUTE : 0);
  expect(run(4, 2000, (_, i) => (i < 700 ? 1 : 1.22), pause)).toEqual([null, null, null, null]);
});

test('the same step without a pause is a rise', () => {
  expect(run(1, 2000, (_, i) => (i < 700 ? 1 : 1.22))[0]!.at).toBeLessThan(715);
});

test('a step that the neighbours hear faintly is told at once, and of the point where it is loudest', () => {
  const found = run(4, 1200, (p, i) => (i < 900 ? 1 : p === 1 ? 1.12 : 1.025));
  expect(found[1]).toMatchObject({ kind: 'sharp' });
  expect(found[1]!.at).toBeLessThanOrEqual(902);
  expect(found.filter((_, p) => p !== 1)).toEqual([null, null, null]);
});

test('a step of one point that no neighbour hears becomes its level; going on rising it is told', () => {
  const step = (p: number, i: number) => (p === 0 && i >= 900 ? 1.18 : 1);
  expect(run(4, 2500, step)).toEqual([null, null, null, null]);
  const growing = (p: number, i: number) => step(p, i) * (p === 0 && i >= 1200 ? Math.exp((i - 1200) / 300) : 1);
  expect(run(4, 2500, growing)[0]!.at).toBeGreaterThan(1200);
});

test('a slow rise, which the recent past follows, is told when the level has doubled', () => {
  const found = run(1, 3000, (_, i) => Math.exp(Math.max(0, i - 1000) / 800));
  expect(found[0]!.at).toBeGreaterThan(1000);
  expect(found[0]!.at).toBeLessThan(1650);
});

test('one outlier raises nothing, whatever its size', () => {
  expect(run(1, 2000, (_, i) => (i === 1500 ? 30 : 1))).toEqual([null]);
});

test('in a short past a doubling raises nothing, a tenfold level does', () => {
  expect(run(1, 100, (_, i) => (i < 60 ? 1 : 2))).toEqual([null]);
  expect(run(1, 100, (_, i) => (i < 60 ? 1 : 10))[0]!.kind).toBe('large');
});

test('what is remembered does not grow', () => {
  const track = newLevelTrack();
  const next = noise(3);
  for (let i = 0; i < 5000; i++) look(track, RISE_SETTINGS, i * MINUTE, Math.exp(0.01 * next()));
  expect(JSON.stringify(track).length).toBeLessThan(1500);
});
