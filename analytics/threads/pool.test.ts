import { afterEach, expect, test } from 'vitest';
import { manualClock, systemClock } from '../../platform/index.ts';
import { SPECTRAL_SHAPE } from '../models/features/spectralShape.ts';
import type { BlockTask } from './messages.ts';
import { type AnalysisPool, createPool } from './pool.ts';

const MISBEHAVING = new URL('../../test/fixtures/misbehavingThread.ts', import.meta.url);
let pool: AnalysisPool;
afterEach(() => pool.stop());

const task = (samplingRateHz: number, samples = 4096): BlockTask => ({
  block: {
    samples: Float32Array.from({ length: samples }, (_, i) => Math.sin(i) + Math.sin(i * i)),
    samplingRateHz,
    unit: 'g',
    speedRpm: 1500,
  },
  facts: {},
  definitions: [SPECTRAL_SHAPE],
});

test('results come in the order of the tasks, whatever thread did them', async () => {
  pool = createPool({ clock: systemClock(), threads: 2 });
  await pool.start();
  const rates = Array.from({ length: 30 }, (_, i) => 8000 + i);
  const results = await pool.analyse(rates.map((rate) => task(rate)));
  expect(results.map((r) => ('analysis' in r ? r.analysis.samplingRateHz : r.failure))).toEqual(rates);
  expect(results.every((r) => 'rows' in r && r.rows[SPECTRAL_SHAPE] !== undefined)).toBe(true);
});

test('a thread that dies fails its chunk, is replaced, and alone it costs only the block that killed it', async () => {
  pool = createPool({ clock: systemClock(), threads: 1, script: MISBEHAVING });
  await pool.start();
  const tasks = () => [task(8000), task(666), task(9000)];
  await expect(pool.analyse(tasks())).rejects.toMatchObject({ code: 'ANALYTICS_THREAD' });
  const results = await pool.analyse(tasks(), { isolate: true });
  expect(results.map((r) => 'failure' in r)).toEqual([false, true, false]);
});

test('a thread that hangs is ended', async () => {
  const clock = manualClock();
  pool = createPool({ clock, threads: 1, hangMs: 1000, script: MISBEHAVING });
  await pool.start();
  const hanging = expect(pool.analyse([task(777)])).rejects.toThrow(/hung for 1000 ms/);
  await clock.advance(1000);
  await hanging;
});

test('a pool that is not started, or stops, says so', async () => {
  pool = createPool({ clock: manualClock(), threads: 1, script: MISBEHAVING });
  await expect(pool.analyse([task(8000)])).rejects.toMatchObject({ code: 'ANALYTICS_THREAD' });
  await pool.start();
  const waiting = expect(pool.analyse([task(777)])).rejects.toThrow(/stopping/);
  await pool.stop();
  await waiting;
});
