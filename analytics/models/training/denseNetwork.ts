import { seededRandom } from './random.ts';

/** One fully connected layer; weights row-major, shape (inputs, outputs). */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

export interface NetworkSettings {
  /** Widths of the hidden layers (ReLU); none: multinomial logistic regression. */
  readonly hidden: readonly number[];
  /** Weight of Σw² beside the mean cross-entropy of a row. */
  readonly decay: number;
  readonly epochs: number;
  readonly batchRows: number;
  readonly learningRate: number;
  /** Spread of the noise added to each standardised input of each epoch; keeps small networks from learning rows by heart. */
  readonly noise: number;
  readonly seed: number;
}

/**
 * Trains a classifier by Adam on the cross-entropy, each class weighing the same however many rows it has.
 *
 * @param rows    standardised inputs
 * @param targets class of each row, 0 … classes − 1
 * @returns the layers, the last one giving logits
 * @remarks Deterministic for a seed.
 * @see D. Kingma, J. Ba, "Adam", ICLR 2015, algorithm 1
 */
export function trainNetwork(
  rows: readonly Float64Array[],
  targets: readonly number[],
  classes: number,
  settings: NetworkSettings,
): Layer[] {
  const random = seededRandom(settings.seed);
  const widths = [rows[0]!.length, ...settings.hidden, classes];
  const layers = widths.slice(1).map((outputs, i): Layer => {
    const inputs = widths[i]!;
    const scale = Math.sqrt(2 / inputs);
    const weights = Float64Array.from({ length: inputs * outputs }, () => scale * random.normal());
    return { inputs, outputs, weights, bias: new Float64Array(outputs) };
  });
  const balance = classWeights(targets, classes);
  const adam = layers.map(({ weights, bias }) => [adamOf(weights), adamOf(bias)] as const);
  const order = Int32Array.from(rows, (_, i) => i);
  const noisy = new Float64Array(widths[0]!);
  let step = 0;
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    random.shuffle(order);
    // From full rate to a hundredth of it along half a cosine.
    const rate = settings.learningRate * (0.505 + 0.495 * Math.cos((Math.PI * epoch) / settings.epochs));
    for (let from = 0; from < order.length; from += settings.batchRows) {
      const batch = order.subarray(from, from + settings.batchRows);
      for (const index of batch) {
        const row = rows[index]!;
        for (let i = 0; i < row.length; i++) noisy[i] = row[i]! + settings.noise * random.normal();
        accumulate(layers, adam, noisy, targets[index]!, balance[targets[index]!]! / batch.length);
      }
      step += 1;
      for (const [l, { weights, bias }] of layers.entries()) {
        const [ofWeights, ofBias] = adam[l]!;
        for (let i = 0; i < weights.length; i++) ofWeights.gradient[i]! += 2 * settings.decay * weights[i]!;
        ofWeights.apply(weights, rate, step);
        ofBias.apply(bias, rate, step);
      }
    }
  }
  return layers;
}

/** Probabilities of the classes for one standardised row. */
export function classify(layers: readonly Layer[], row: ArrayLike<number>): Float64Array {
  return softmax(activations(layers, row).at(-1)!);
}

function classWeights(targets: readonly number[], classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const target of targets) counts[target]! += 1;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : targets.length / (present * count)));
}

/** Outputs of every layer, ReLU applied to all but the last. */
function activations(layers: readonly Layer[], row: ArrayLike<number>): Float64Array[] {
  const outs: Float64Array[] = [];
  let input = row;
  for (const [l, { inputs, outputs, weights, bias }] of layers.entries()) {
    const out = Float64Array.from(bias);
    for (let i = 0; i < inputs; i++) {
      const value = input[i]!;
      if (value !== 0) for (let o = 0; o < outputs; o++) out[o]! += value * weights[i * outputs + o]!;
    }
    if (l < layers.length - 1) for (let o = 0; o < outputs; o++) out[o] = Math.max(0, out[o]!);
    outs.push(out);
    input = out;
  }
  return outs;
}

function softmax(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function accumulate(
  layers: readonly Layer[],
  adam: readonly (readonly [Adam, Adam])[],
  row: Float64Array,
  target: number,
  weight: number,
): void {
  const outs = activations(layers, row);
  let delta = softmax(outs.at(-1)!);
  delta[target]! -= 1;
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, weights } = layers[l]!;
    const input = l === 0 ? row : outs[l - 1]!;
    const [ofWeights, ofBias] = adam[l]!;
    const below = new Float64Array(inputs);
    for (let o = 0; o < outputs; o++) ofBias.gradient[o]! += weight * delta[o]!;
    for (let i = 0; i < inputs; i++) {
      const value = input[i]!;
      if (l > 0 && value === 0) continue; // a silent unit passes nothing on, in either direction
      let sum = 0;
      for (let o = 0; o < outputs; o++) {
        const at = i * outputs + o;
        ofWeights.gradient[at]! += weight * delta[o]! * value;
        sum += delta[o]! * weights[at]!;
      }
      below[i] = sum;
    }
    delta = below;
  }
}

interface Adam {
  readonly gradient: Float64Array;
  apply(values: Float64Array, rate: number, step: number): void;
}

function adamOf({ length }: Float64Array): Adam {
  const gradient = new Float64Array(length);
  const first = new Float64Array(length);
  const second = new Float64Array(length);
  const apply = (values: Float64Array, rate: number, step: number) => {
    for (let i = 0; i < length; i++) {
      const g = gradient[i]!;
      first[i] = 0.9 * first[i]! + 0.1 * g;
      second[i] = 0.999 * second[i]! + 0.001 * g * g;
      const mean = first[i]! / (1 - 0.9 ** step);
      const spread = Math.sqrt(second[i]! / (1 - 0.999 ** step));
      values[i]! -= (rate * mean) / (spread + 1e-8);
      gradient[i] = 0;
    }
  };
  return { gradient, apply };
}
