import type { ModelRunner } from '../../models/modelRunner.ts';
import { loadShipped, shippedModels } from '../../models/shipped.ts';
import golden from '../../models/training/golden.json' with { type: 'json' };
import type { EvaluationRow, Suite, Verdict } from '../suite.ts';
import { BATCH, batchGain, someRows } from './batchGain.ts';

const CALLS = 2000;
const LEAST_GAIN = 10;
const MOST_P99_US = 1000;
const MOST_ERROR = 1e-3;

const CASES = {
  golden: { case: 'golden output of the shipped model', reference: 'onnxruntime in Python', bar: 'error ≤ 1e-3' },
  batch: {
    case: `batch of ${BATCH} against single calls`,
    reference: '27 µs a call, 0.5 µs a row',
    bar: `≥ ${LEAST_GAIN} ×`,
  },
  p99: { case: 'p99 of a call, threads pinned', reference: '2–3 ms unpinned', bar: '≤ 1 ms' },
  nan: { case: 'NaN refused before the model', reference: '–', bar: 'every place of every model' },
} as const;

/** The shipped models: right, fast in batches, steady, and deaf to NaN. Needs no recordings. */
export const suite: Suite = {
  name: 'onnx',
  folder: null,
  cases: Object.values(CASES),
  run: async ({ progress }) => {
    const model = await loadShipped('spectral-autoencoder');
    const rows: EvaluationRow[] = [];
    const step = async (what: string, make: () => Promise<EvaluationRow>) => {
      progress(rows.length, Object.keys(CASES).length, what);
      rows.push(await make());
    };
    await step('golden output', () => goldenRow(model));
    await step('batches', () => batchRow(model));
    await step('single calls', () => latencyRow(model));
    await model.close();
    await step('NaN', nanRow);
    return rows;
  },
};

const rowOf = (
  known: (typeof CASES)[keyof typeof CASES],
  ours: string,
  isMet: boolean,
  note: string,
): EvaluationRow => ({ suite: 'onnx', ...known, ours, verdict: (isMet ? 'met' : 'missed') satisfies Verdict, note });

async function goldenRow(model: ModelRunner): Promise<EvaluationRow> {
  const [error] = await model.run([Float32Array.from(golden.features)]);
  const relative = Math.abs(error! / golden.error - 1);
  return rowOf(
    CASES.golden,
    relative.toExponential(1),
    relative <= MOST_ERROR,
    'relative, on the row that train.py wrote down',
  );
}

async function batchRow(model: ModelRunner): Promise<EvaluationRow> {
  const { single, batched } = await batchGain(model);
  const note = `${single.toFixed(1)} µs a call of one row, ${batched.toFixed(2)} µs a row in a batch, checks included`;
  return rowOf(CASES.batch, `${(single / batched).toFixed(1)} ×`, single / batched >= LEAST_GAIN, note);
}

async function latencyRow(model: ModelRunner): Promise<EvaluationRow> {
  const rows = someRows(model, 1);
  const p99s: number[] = [];
  for (let round = 0; round < 5; round++) {
    const times: number[] = [];
    for (let call = 0; call < CALLS / 5; call++) {
      const from = performance.now();
      await model.run(rows);
      times.push(1000 * (performance.now() - from));
    }
    times.sort((a, b) => a - b);
    p99s.push(times[Math.floor(0.99 * times.length)]!);
  }
  const best = Math.min(...p99s);
  const note = `best of 5 rounds of ${CALLS / 5} calls; worst ${Math.round(Math.max(...p99s))} µs`;
  return rowOf(CASES.p99, `${Math.round(best)} µs`, best <= MOST_P99_US, note);
}

async function nanRow(): Promise<EvaluationRow> {
  let refused = 0;
  let tried = 0;
  const models = await shippedModels();
  for (const { contract } of models) {
    const model = await loadShipped(contract.name);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (let place = 0; place < contract.input.features.length; place++) {
        const [row] = someRows(model, 1);
        row![place] = bad;
        tried += 1;
        const code = await model.run([row!]).then(
          () => 'answered',
          (error) => (error as { code?: string }).code,
        );
        if (code === 'ANALYTICS_MODEL_INPUT') refused += 1;
      }
    }
    await model.close();
  }
  return rowOf(CASES.nan, `${refused} of ${tried}`, refused === tried, `${models.length} models, NaN and infinity`);
}
