import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseContract, readContract, serves } from './contract.ts';
import { type ShapeSource, SPECTRAL_SHAPE, SPECTRAL_SHAPE_WIDTH, spectralShape } from './features/spectralShape.ts';
import type { ModelRunner } from './modelRunner.ts';
import { onnxRunner } from './onnxRunner.ts';
import { loadShipped, shippedModels } from './shipped.ts';
import golden from './training/golden.json' with { type: 'json' };
import { checkModel } from './validation/checks.ts';

let model: ModelRunner;
beforeAll(async () => {
  model = await loadShipped('spectral-autoencoder');
});
afterAll(() => model.close());

/** The density of `training/train.py`'s golden(), by the same formula. */
function goldenSource(): ShapeSource {
  const values = Float32Array.from({ length: golden.bins }, (_, k) => {
    const f = k * golden.stepHz;
    return 1e-3 / (1 + (f / 900) ** 2) + 4e-3 * Math.exp(-(((f - 3200) / 180) ** 2)) + 1e-6;
  });
  const time = {
    mean: 0,
    rms: 1,
    peak: 4.2,
    peakToPeak: 8,
    crest: golden.crest,
    kurtosis: golden.kurtosis,
    skewness: 0,
  };
  return { samplingRateHz: golden.samplingRateHz, psd: { step: golden.stepHz, values }, time };
}

test('features and error are those of the training script', async () => {
  const row = spectralShape(goldenSource())!;
  expect(row).toHaveLength(SPECTRAL_SHAPE_WIDTH);
  for (const [i, value] of row.entries()) expect(value).toBeCloseTo(golden.features[i]!, 4);
  const [error] = await model.run([row]);
  expect(Math.abs(error! / golden.error - 1)).toBeLessThan(1e-3);
});

test('the level of the signal does not matter, only its shape', async () => {
  const source = goldenSource();
  const louder = { ...source, psd: { ...source.psd, values: source.psd.values.map((v) => v * 400) } };
  const [a, b] = await model.run([spectralShape(source)!, spectralShape(louder)!]);
  expect(Math.abs(a! / b! - 1)).toBeLessThan(1e-3);
});

test('a batch scores each row as if alone, whatever its size', async () => {
  const row = spectralShape(goldenSource())!;
  const rows = Array.from({ length: 600 }, (_, i) => row.map((v) => v + i / 1000));
  const together = await model.run(rows);
  for (const i of [0, 255, 256, 599]) {
    expect(together[i]).toBeCloseTo((await model.run([rows[i]!]))[0]!, 4);
  }
  expect(together[599]).not.toBeCloseTo(together[0]!, 2);
});

test('NaN and rows of another width are refused before the model', async () => {
  const row = spectralShape(goldenSource())!;
  row[3] = Number.NaN;
  await expect(model.run([row])).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_INPUT' });
  await expect(model.run([new Float32Array(4)])).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_INPUT' });
});

test('a silent spectrum gives no features', () => {
  const source = goldenSource();
  const silent = { ...source, psd: { ...source.psd, values: new Float32Array(golden.bins) } };
  expect(spectralShape(silent)).toBeNull();
});

test('a file that is not the one of its contract is not loaded', async () => {
  const [shipped] = await shippedModels();
  const data = Uint8Array.from(await shipped!.data());
  data[data.length >> 1]! ^= 1;
  await expect(onnxRunner(shipped!.contract, data)).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_HASH' });
});

test('every model that ships passes the validation that uploads do, and has an id of its own', async () => {
  const models = await shippedModels();
  for (const { contract, data } of models) {
    const report = await checkModel(contract, await data());
    expect(report.nodes).toBeGreaterThan(3);
  }
  expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
});

test('a contract says what is wrong with it', async () => {
  const [shipped] = await shippedModels();
  const { contract } = shipped!;
  const refusal = (given: unknown) => {
    try {
      readContract(given);
    } catch (error) {
      return (error as Error).message;
    }
    return null;
  };
  expect(refusal(contract)).toBeNull();
  expect(refusal({ name: 'half' })).toContain('version');
  expect(refusal({ ...contract, input: { ...contract.input, definition: 'raw/1' } })).toContain(SPECTRAL_SHAPE);
  const [first, ...rest] = contract.input.features;
  const renamed = { ...contract.input, features: [{ ...first!, unit: 'dB' }, ...rest] };
  expect(refusal({ ...contract, input: renamed })).toContain('"dB"');
  expect(refusal({ ...contract, input: { ...contract.input, features: rest } })).toContain('26 features');
  const classes = { kind: 'classes', name: 'p', unit: 'probability', classes: ['a', 'b'], healthy: 'c' };
  expect(refusal({ ...contract, output: classes })).toContain('healthy');
  expect(() => parseContract('{"name":')).toThrowError(expect.objectContaining({ code: 'ANALYTICS_MODEL_CONTRACT' }));
});

test('a model is asked only about blocks that its contract covers', () => {
  const { contract } = model;
  expect(serves(contract, 12_000, 16_384)).toBe(true);
  expect(serves(contract, 1_000, 16_384)).toBe(false);
  expect(serves(contract, 12_000, 1_024)).toBe(false);
});
