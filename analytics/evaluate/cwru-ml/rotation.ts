import type { ModelRunner } from '../../models/modelRunner.ts';
import { onnxRunner } from '../../models/onnxRunner.ts';
import { loadShipped } from '../../models/shipped.ts';
import { classifierContract, encodeClassifier, trainClassifier } from '../../models/training/faultClassifier.ts';
import { CLASSES, type FaultClass, type Window } from './windows.ts';

const SEED = 1;
const FAULTS: readonly FaultClass[] = ['inner', 'outer', 'ball'];

export interface Answer {
  readonly window: Window;
  readonly said: FaultClass;
  readonly probability: number;
}

/** One fault size left out of training and asked about. */
export interface Rotation {
  readonly testMil: number;
  readonly trainedMil: readonly number[];
  readonly answers: readonly Answer[];
}

/** Sizes that every fault was seeded in: a size without one of them cannot be a fair test or training set. */
export function wholeSizes(windows: readonly Window[]): number[] {
  const sizes = [...new Set(windows.filter(({ label }) => label !== 'normal').map(({ sizeMil }) => sizeMil))];
  const has = (size: number, fault: FaultClass) => windows.some((w) => w.sizeMil === size && w.label === fault);
  return sizes.filter((size) => FAULTS.every((fault) => has(size, fault))).sort((a, b) => a - b);
}

/**
 * Trains on all sizes but one and asks about that one. A healthy record is tested in one rotation and trained on in the
 * others; a single one is always trained on. The classifier is written as ONNX and asked through the product's runner.
 */
export async function rotate(windows: readonly Window[], sizes: readonly number[], testMil: number): Promise<Rotation> {
  const healthy = [...new Set(windows.filter(({ label }) => label === 'normal').map(({ record }) => record))].sort();
  const heldOut = healthy.length > 1 ? healthy[sizes.indexOf(testMil) % healthy.length] : undefined;
  const trainedMil = sizes.filter((size) => size !== testMil);
  const isTest = ({ sizeMil, record }: Window) => sizeMil === testMil || record === heldOut;
  const isTrained = (window: Window) =>
    !isTest(window) && (window.label === 'normal' || trainedMil.includes(window.sizeMil));
  const train = windows.filter(isTrained);
  const test = windows.filter(isTest);
  const rows = train.map(({ row }) => row);
  const labels = train.map(({ label }) => label);
  const classifier = trainClassifier(rows, labels, CLASSES, SEED);
  const data = encodeClassifier(classifier);
  const runner = await onnxRunner(
    classifierContract(classifier, data, {
      ...{ name: 'evaluated-classifier', version: '0', healthy: 'normal', validation: {} },
      purpose: 'Trained inside the evaluation and thrown away.',
      training: { data: 'recordings of the evaluation', licence: 'not shipped', rows: rows.length, seed: SEED },
    }),
    data,
  );
  return { testMil, trainedMil, answers: await answersOf(runner, test) };
}

/** Asks the classifier that comes with the product, which was trained on simulated machines alone. */
export async function askShipped(windows: readonly Window[]): Promise<Answer[]> {
  return answersOf(await loadShipped('bearing-classifier'), windows);
}

async function answersOf(runner: ModelRunner, windows: readonly Window[]): Promise<Answer[]> {
  const { output } = runner.contract;
  if (output.kind !== 'classes') throw new Error(`${runner.contract.name} is no classifier`);
  const classes = output.classes as readonly FaultClass[];
  const probabilities = await runner.run(windows.map(({ row }) => row));
  await runner.close();
  return windows.map((window, i) => {
    const of = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
    const probability = Math.max(...of);
    return { window, said: classes[of.indexOf(probability)]!, probability };
  });
}

export function accuracy(answers: readonly Answer[]): number {
  return answers.filter(({ window, said }) => said === window.label).length / answers.length;
}
