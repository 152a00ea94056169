import { expect, test } from 'vitest';
import type { ModelContract } from '../contract.ts';
import { inspectModel } from '../onnx/inspectModel.ts';
import { onnxRunner, sha256Of } from '../onnxRunner.ts';
import { shippedModels } from '../shipped.ts';
import { baselineScore, encodeBaseline, fitBaseline } from './baselineModel.ts';
import { encodeClassifier, probabilities, trainClassifier } from './faultClassifier.ts';
import { seededRandom } from './random.ts';
import { decilesOf } from './standardise.ts';

const CLASSES = ['normal', 'inner', 'outer'];

/** Rows of three classes that differ in two of five columns, which are correlated and of unlike scale. */
function labelledRows(count: number, seed: number): { rows: Float32Array[]; labels: string[] } {
  const random = seededRandom(seed);
  const rows: Float32Array[] = [];
  const labels: string[] = [];
  for (let i = 0; i < count; i++) {
    const label = i % 3;
    const common = random.normal();
    rows.push(
      Float32Array.of(
        common + (label === 1 ? 4 : 0),
        1000 * (common + 0.3 * random.normal() + (label === 2 ? 4 : 0)),
        random.normal(),
        0.001 * random.normal(),
        7,
      ),
    );
    labels.push(CLASSES[label]!);
  }
  return { rows, labels };
}

async function runnerOf(data: Uint8Array, over: Pick<ModelContract, 'output'>, width: number) {
  const [shipped] = await shippedModels();
  const features = Array.from({ length: width }, (_, i) => ({ name: `f${i}`, unit: '' }));
  const input = { name: 'features', definition: 'test', features };
  return onnxRunner({ ...shipped!.contract, ...over, input, sha256: sha256Of(data) }, data);
}

test.each([{ hidden: [] }, { hidden: [8] }])(
  'a classifier learns, and its ONNX answers as it does (%o)',
  async ({ hidden }) => {
    const { rows, labels } = labelledRows(300, 1);
    const settings = { decay: 1e-3, epochs: 30, batchRows: 32, learningRate: 0.02, noise: 0.1, members: 2, hidden };
    const classifier = trainClassifier(rows, labels, CLASSES, 5, settings);
    const unseen = labelledRows(150, 2);
    const data = encodeClassifier(classifier);
    const output = {
      kind: 'classes',
      name: 'probabilities',
      unit: 'probability',
      classes: CLASSES,
      healthy: 'normal',
    } as const;
    const runner = await runnerOf(data, { output }, 5);
    const answers = await runner.run(unseen.rows);
    let right = 0;
    for (const [i, row] of unseen.rows.entries()) {
      const ours = probabilities(classifier, row);
      const theirs = answers.subarray(3 * i, 3 * i + 3);
      for (const [c, p] of ours.entries()) expect(Math.abs(p - theirs[c]!)).toBeLessThan(1e-5);
      if (CLASSES[theirs.indexOf(Math.max(...theirs))] === unseen.labels[i]) right += 1;
    }
    expect(right).toBeGreaterThan(135);
    expect(encodeClassifier(trainClassifier(rows, labels, CLASSES, 5, settings))).toEqual(data);
    await runner.close();
  },
);

test('rare classes weigh as much as frequent ones', () => {
  const { rows, labels } = labelledRows(600, 3);
  const kept = labels.map((label, i) => label !== 'outer' || i % 30 === 2);
  const classifier = trainClassifier(
    rows.filter((_, i) => kept[i]),
    labels.filter((_, i) => kept[i]),
    CLASSES,
    1,
  );
  const unseen = labelledRows(300, 4);
  const outers = unseen.rows.filter((_, i) => unseen.labels[i] === 'outer');
  const found = outers.filter((row) => probabilities(classifier, row)[2]! > 0.34);
  expect(found.length / outers.length).toBeGreaterThan(0.9);
});

test('the distance to a baseline is about one inside, large across its directions, and the same in ONNX', async () => {
  const healthy = labelledRows(600, 5).rows.filter((_, i) => i % 3 === 0);
  const model = fitBaseline(healthy);
  const scores = healthy.map((row) => baselineScore(model, row)).sort((a, b) => a - b);
  expect(scores[scores.length >> 1]).toBeGreaterThan(0.3);
  expect(scores[scores.length >> 1]).toBeLessThan(1.2);
  // Both columns move together in the baseline: together is ordinary, against each other is not.
  const along = baselineScore(model, [1.5, 1500, 0, 0, 7]);
  const across = baselineScore(model, [1.5, -1500, 0, 0, 7]);
  expect(across).toBeGreaterThan(8 * along);
  const data = encodeBaseline(model);
  const output = { kind: 'score', name: 'distance', unit: '' } as const;
  const runner = await runnerOf(data, { output }, 5);
  const answers = await runner.run(healthy);
  for (const [i, row] of healthy.entries()) {
    const ours = baselineScore(model, row);
    expect(Math.abs(answers[i]! - ours)).toBeLessThan(1e-4 * Math.max(1, ours));
  }
  await runner.close();
});

test('a baseline of few or equal rows still gives finite scores, and an outlier does not bend it', () => {
  const row = Float32Array.of(1, 2, 3);
  const flat = fitBaseline([row, row, row]);
  expect(baselineScore(flat, row)).toBe(0);
  expect(baselineScore(flat, [1.1, 2, 3])).toBeGreaterThan(1);
  const random = seededRandom(9);
  const rows = Array.from({ length: 60 }, () => Float32Array.from({ length: 3 }, () => random.normal()));
  const before = baselineScore(fitBaseline(rows), [3, 3, 3]);
  const after = baselineScore(fitBaseline([...rows, Float32Array.of(1e6, 1e6, 1e6)]), [3, 3, 3]);
  expect(after / before).toBeGreaterThan(0.4);
});

test('what is written can be read back', () => {
  const { rows, labels } = labelledRows(60, 6);
  const facts = inspectModel(encodeClassifier(trainClassifier(rows, labels, CLASSES, 1)));
  expect(facts).toMatchObject({
    irVersion: 9,
    opsets: { '': 18 },
    inputs: [{ name: 'features', isFloat: true, shape: [null, 5] }],
    outputs: [{ name: 'probabilities', isFloat: true, shape: [null, 3] }],
    forbidden: [],
  });
  expect(facts.operators).toEqual(['Div', 'Gemm', 'Mul', 'Softmax', 'Sub']);
  expect(facts.parameters).toBe(5 + 5 + 1 + 15 + 3);
});

test('deciles of a column', () => {
  const rows = Array.from({ length: 101 }, (_, i) => [i, 5]);
  expect(decilesOf(rows)[0]).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(decilesOf(rows)[1]).toEqual(Array.from({ length: 9 }, () => 5));
});
