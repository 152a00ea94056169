import { reasonOf } from '../../../platform/pure.ts';
import type { ModelContract } from '../contract.ts';
import type { ModelRunner } from '../modelRunner.ts';
import { inspectModel, type ModelFacts, type ValueFacts } from '../onnx/inspectModel.ts';
import { onnxRunner } from '../onnxRunner.ts';
import { type Random, seededRandom } from '../training/random.ts';
import { ALLOWED_OPERATORS } from './operators.ts';
import { modelLimits, type ValidationReport } from './report.ts';

/** A reason to refuse a model, as its author reads it. */
export class Refusal extends Error {}

const SEED = 20_261_122;
const PROBE_ROWS = 64;
const WARM_UP_CALLS = 50;
const TIMED_CALLS = 500;
const TIMED_BATCHES = 50;

/**
 * Looks at a model and runs it on probe rows. Meant for a process of its own: a hostile file may crash the runtime.
 *
 * @throws {Refusal} with what is wrong
 */
export async function checkModel(contract: ModelContract, data: Uint8Array): Promise<ValidationReport> {
  const facts = inspected(data);
  checkGraph(facts, contract);
  const runner = await onnxRunner(contract, data).catch((error) => {
    throw new Refusal(`The runtime cannot load it: ${reasonOf(error)}`);
  });
  try {
    const rows = probeRows(contract, seededRandom(SEED));
    const answers = await answersOf(runner, rows);
    await checkRowsAreIndependent(runner, rows, answers);
    if (contract.output.kind === 'classes') checkProbabilities(answers, runner.outputs);
    await checkNanIsRefused(runner, rows[0]!);
    return { ...facts, probes: rows.length, ...(await latency(runner, rows)) };
  } finally {
    await runner.close();
  }
}

function inspected(data: Uint8Array): ModelFacts {
  try {
    return inspectModel(data);
  } catch (error) {
    throw new Refusal(`It is not an ONNX file: ${reasonOf(error)}`);
  }
}

function checkGraph(facts: ModelFacts, contract: ModelContract): void {
  const { input, output } = contract;
  if (facts.forbidden.length > 0) throw new Refusal(`It holds ${facts.forbidden.join(', ')}; write one plain graph`);
  const unknown = facts.operators.filter((operator) => !ALLOWED_OPERATORS.has(operator));
  if (unknown.length > 0) throw new Refusal(`These operators are not allowed here: ${unknown.join(', ')}`);
  if (facts.nodes > modelLimits.nodes || facts.parameters > modelLimits.parameters) {
    throw new Refusal(
      `It has ${facts.nodes} nodes and ${facts.parameters} parameters; at most ${modelLimits.nodes} and ${modelLimits.parameters} are run`,
    );
  }
  const [only, ...others] = facts.inputs;
  if (!only || others.length > 0) throw new Refusal(`It has ${facts.inputs.length} inputs; exactly one is fed`);
  if (only.name !== input.name) throw new Refusal(`Its input is "${only.name}", the contract says "${input.name}"`);
  checkShape(only, 'input', [null, input.features.length]);
  const answer = facts.outputs.find(({ name }) => name === output.name);
  if (!answer) {
    throw new Refusal(`It has no output "${output.name}", but ${facts.outputs.map(({ name }) => name).join(', ')}`);
  }
  if (output.kind === 'classes') checkShape(answer, 'output', [null, output.classes.length]);
  else checkShape(answer, 'output', answer.shape.length === 1 ? [null] : [null, 1]);
}

function checkShape(value: ValueFacts, what: string, wanted: readonly (number | null)[]): void {
  const fits =
    value.shape.length === wanted.length &&
    value.shape.every((dim, i) => (i === 0 ? dim === null : dim === null || dim === wanted[i]));
  if (fits && value.isFloat) return;
  const text = (shape: readonly (number | null)[]) => `(${shape.map((dim) => dim ?? 'open').join(', ')})`;
  const type = value.isFloat ? 'float32' : 'another type';
  throw new Refusal(
    `The ${what} "${value.name}" is ${type} of shape ${text(value.shape)}; the contract needs float32 of ${text(wanted)}`,
  );
}

/** Rows as training had them where the contract tells, else about zero; and each constant of a few. */
function probeRows({ input, training }: ModelContract, random: Random): Float32Array[] {
  const width = input.features.length;
  const drawn = Array.from({ length: PROBE_ROWS - 4 }, () =>
    Float32Array.from({ length: width }, (_, i) => {
      const deciles = training.deciles?.[i];
      return deciles ? deciles[Math.floor(random.next() * deciles.length)]! : random.normal();
    }),
  );
  return [...drawn, ...[0, 1, -1, 100].map((value) => new Float32Array(width).fill(value))];
}

async function answersOf(runner: ModelRunner, rows: readonly Float32Array[]): Promise<Float32Array> {
  return runner.run(rows).catch((error) => {
    throw new Refusal(`It fails on probe rows: ${reasonOf(error)}`);
  });
}

async function checkRowsAreIndependent(
  runner: ModelRunner,
  rows: readonly Float32Array[],
  together: Float32Array,
): Promise<void> {
  for (const index of [0, 1, rows.length - 1]) {
    const alone = await answersOf(runner, [rows[index]!]);
    for (let o = 0; o < runner.outputs; o++) {
      const expected = together[index * runner.outputs + o]!;
      if (Math.abs(alone[o]! - expected) > 1e-4 * Math.max(1, Math.abs(expected))) {
        throw new Refusal('A row alone gets another answer than in a batch; rows must not influence each other');
      }
    }
  }
}

function checkProbabilities(answers: Float32Array, outputs: number): void {
  for (let at = 0; at < answers.length; at += outputs) {
    const row = answers.subarray(at, at + outputs);
    const sum = row.reduce((total, p) => total + p, 0);
    if (row.some((p) => p < -1e-6 || p > 1 + 1e-6) || Math.abs(sum - 1) > 1e-3) {
      throw new Refusal(`Its output is no probability of classes: a row sums to ${sum.toPrecision(4)}`);
    }
  }
}

async function checkNanIsRefused(runner: ModelRunner, row: Float32Array): Promise<void> {
  const bad = Float32Array.from(row);
  bad[0] = Number.NaN;
  const refused = await runner.run([bad]).then(
    () => false,
    (error) => (error as { code?: string }).code === 'ANALYTICS_MODEL_INPUT',
  );
  if (!refused) throw new Refusal('A NaN input reached the model');
}

async function latency(
  runner: ModelRunner,
  rows: readonly Float32Array[],
): Promise<Pick<ValidationReport, 'p50Us' | 'p99Us' | 'cpuP99Us' | 'batchUsPerRow'>> {
  const one = [rows[0]!];
  for (let i = 0; i < WARM_UP_CALLS; i++) await runner.run(one);
  const times: number[] = [];
  // The bound is on processor time: on a busy machine the clock goes on while nothing of ours runs.
  const cpuTimes: number[] = [];
  for (let i = 0; i < TIMED_CALLS; i++) {
    const from = performance.now();
    const cpuFrom = process.cpuUsage();
    await runner.run(one);
    const { user, system } = process.cpuUsage(cpuFrom);
    cpuTimes.push(user + system);
    times.push((performance.now() - from) * 1000);
  }
  for (const list of [times, cpuTimes]) list.sort((a, b) => a - b);
  const p99Of = (list: readonly number[]) => list[Math.floor(0.99 * list.length)]!;
  const from = performance.now();
  for (let i = 0; i < TIMED_BATCHES; i++) await runner.run(rows);
  const batchUsPerRow = ((performance.now() - from) * 1000) / (TIMED_BATCHES * rows.length);
  const cpuP99Us = p99Of(cpuTimes);
  if (cpuP99Us > modelLimits.p99Us) {
    throw new Refusal(
      `One call takes ${Math.round(cpuP99Us)} µs of processor time at the 99th percentile; at most ${modelLimits.p99Us} µs`,
    );
  }
  const [p50Us, p99Us] = [times[times.length >> 1]!, p99Of(times)];
  return { p50Us: round(p50Us), p99Us: round(p99Us), cpuP99Us: round(cpuP99Us), batchUsPerRow: round(batchUsPerRow) };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
