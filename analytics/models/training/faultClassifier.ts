import type { ModelContract } from '../contract.ts';
import { BEARING_COMBS, BEARING_COMBS_FEATURES, COMBS_MIN_RATE_HZ } from '../features/bearingCombs.ts';
import { encodeModel, type GraphNode } from '../onnx/encodeModel.ts';
import { sha256Of } from '../onnxRunner.ts';
import { classify, type Layer, type NetworkSettings, trainNetwork } from './denseNetwork.ts';
import { type Standard, standardised, standardOf } from './standardise.ts';

/** Several networks on the same standardised inputs; their probabilities are averaged. */
export interface FaultClassifier {
  readonly classes: readonly string[];
  readonly standard: Standard;
  readonly members: readonly (readonly Layer[])[];
}

/** One configuration for whatever it is trained on. */
export const CLASSIFIER_SETTINGS: Omit<NetworkSettings, 'seed'> & { readonly members: number } = {
  hidden: [],
  decay: 0.3,
  epochs: 40,
  batchRows: 32,
  learningRate: 0.01,
  noise: 0.3,
  members: 1,
};

/**
 * Trains a classifier of faults on rows of features.
 *
 * @param rows   shape (n, width), finite
 * @param labels class of each row, each one of `classes`
 * @remarks Deterministic for a seed.
 */
export function trainClassifier(
  rows: readonly Float32Array[],
  labels: readonly string[],
  classes: readonly string[],
  seed: number,
  { members, ...settings } = CLASSIFIER_SETTINGS,
): FaultClassifier {
  const standard = standardOf(rows);
  const inputs = rows.map((row) => standardised(row, standard));
  const targets = labels.map((label) => classes.indexOf(label));
  const networks = Array.from({ length: members }, (_, m) =>
    trainNetwork(inputs, targets, classes.length, { ...settings, seed: seed + m }),
  );
  return { classes, standard, members: networks };
}

/** What is said of a classifier in its contract, besides what follows from it. */
export interface ClassifierOrigin {
  readonly name: string;
  readonly version: string;
  readonly purpose: string;
  readonly healthy: string;
  readonly training: ModelContract['training'];
  readonly validation: ModelContract['validation'];
}

/** The contract of a classifier on `bearing-combs/1`. */
export function classifierContract(
  { classes }: FaultClassifier,
  data: Uint8Array,
  { healthy, ...origin }: ClassifierOrigin,
): ModelContract {
  return {
    ...origin,
    sha256: sha256Of(data),
    input: { name: 'features', definition: BEARING_COMBS, features: [...BEARING_COMBS_FEATURES] },
    output: { kind: 'classes', name: 'probabilities', unit: 'probability', classes: [...classes], healthy },
    samplingRateHz: { min: COMBS_MIN_RATE_HZ, max: 200_000, note: 'envelopes of 50 to 5900 Hz' },
    windowSamples: { min: 4096 },
  };
}

/** Probability of each class for one row; what the exported graph computes in float32. */
export function probabilities({ standard, members, classes }: FaultClassifier, row: Float32Array): Float64Array {
  const sum = new Float64Array(classes.length);
  const input = standardised(row, standard);
  for (const member of members) {
    for (const [c, p] of classify(member, input).entries()) sum[c]! += p / members.length;
  }
  return sum;
}

/** Writes the classifier as ONNX: input `features` (batch, width), output `probabilities` (batch, classes). */
export function encodeClassifier({ standard, members, classes }: FaultClassifier): Uint8Array {
  const width = standard.centre.length;
  const nodes: GraphNode[] = [
    { op: 'Sub', inputs: ['features', 'centre'], output: 'centred' },
    { op: 'Div', inputs: ['centred', 'spread'], output: 'standard' },
  ];
  const constants: Record<string, { dims: number[]; values: Float64Array | number[] }> = {
    centre: { dims: [width], values: standard.centre },
    spread: { dims: [width], values: standard.spread },
    share: { dims: [1], values: [1 / members.length] },
  };
  let total = '';
  for (const [m, layers] of members.entries()) {
    let value = 'standard';
    for (const [l, layer] of layers.entries()) {
      const name = `m${m}l${l}`;
      constants[`${name}w`] = { dims: [layer.inputs, layer.outputs], values: layer.weights };
      constants[`${name}b`] = { dims: [layer.outputs], values: layer.bias };
      nodes.push({ op: 'Gemm', inputs: [value, `${name}w`, `${name}b`], output: name });
      value = name;
      if (l < layers.length - 1) {
        nodes.push({ op: 'Relu', inputs: [name], output: `${name}r` });
        value = `${name}r`;
      }
    }
    nodes.push({ op: 'Softmax', inputs: [value], output: `m${m}`, attributes: { axis: 1 } });
    if (m > 0) nodes.push({ op: 'Add', inputs: [total, `m${m}`], output: `sum${m}` });
    total = m === 0 ? 'm0' : `sum${m}`;
  }
  nodes.push({ op: 'Mul', inputs: [total, 'share'], output: 'probabilities' });
  return encodeModel({
    name: 'fault-classifier',
    input: { name: 'features', width },
    output: { name: 'probabilities', width: classes.length },
    constants,
    nodes,
  });
}
