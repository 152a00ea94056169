import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModels } from './catalogue.ts';
import type { ModelRunner } from './modelRunner.ts';
import { onnxRunner } from './onnxRunner.ts';
import { type ShapeSource, SPECTRAL_SHAPE, SPECTRAL_SHAPE_WIDTH, spectralShape } from './spectralShape.ts';
import golden from './training/golden.json' with { type: 'json' };

let model: ModelRunner;
beforeAll(async () => {
  [model] = (await loadModels()) as [ModelRunner];
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
  const [error] = await model.score([row]);
  expect(Math.abs(error! / golden.error - 1)).toBeLessThan(1e-3);
});

test('the level of the signal does not matter, only its shape', async () => {
  const source = goldenSource();
  const louder = { ...source, psd: { ...source.psd, values: source.psd.values.map((v) => v * 400) } };
  const [a, b] = await model.score([spectralShape(source)!, spectralShape(louder)!]);
  expect(Math.abs(a! / b! - 1)).toBeLessThan(1e-3);
});

test('a batch scores each row as if alone, whatever its size', async () => {
  const row = spectralShape(goldenSource())!;
  const rows = Array.from({ length: 600 }, (_, i) => row.map((v) => v + i / 1000));
  const together = await model.score(rows);
  for (const i of [0, 255, 256, 599]) {
    expect(together[i]).toBeCloseTo((await model.score([rows[i]!]))[0]!, 4);
  }
  expect(together[599]).not.toBeCloseTo(together[0]!, 2);
});

test('NaN and rows of another width are refused before the model', async () => {
  const row = spectralShape(goldenSource())!;
  row[3] = Number.NaN;
  await expect(model.score([row])).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_INPUT' });
  await expect(model.score([new Float32Array(4)])).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_INPUT' });
});

test('a silent spectrum gives no features', () => {
  const source = goldenSource();
  const silent = { ...source, psd: { ...source.psd, values: new Float32Array(golden.bins) } };
  expect(spectralShape(silent)).toBeNull();
});

test('a model that is not the one of its contract is not loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'model-'));
  const here = new URL('.', import.meta.url);
  const data = await readFile(new URL('spectralAutoencoder.onnx', here));
  data[data.length >> 1]! ^= 1;
  await writeFile(join(folder, 'spectralAutoencoder.onnx'), data);
  const contractFile = join(folder, 'spectralAutoencoder.json');
  await writeFile(contractFile, await readFile(new URL('spectralAutoencoder.json', here)));
  await expect(onnxRunner(pathToFileURL(contractFile))).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_HASH' });
  await writeFile(contractFile, '{"name": "half"}');
  await expect(onnxRunner(pathToFileURL(contractFile))).rejects.toMatchObject({ code: 'ANALYTICS_MODEL_CONTRACT' });
});

test('the contract names the features that the product computes', () => {
  expect(model.contract.input.definition).toBe(SPECTRAL_SHAPE);
  expect(model.contract.input.features).toHaveLength(SPECTRAL_SHAPE_WIDTH);
});
