import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../platform/index.ts';
import type { ModelContract } from '../contract.ts';
import { encodeModel, type GraphNode } from '../onnx/encodeModel.ts';
import { sha256Of } from '../onnxRunner.ts';
import { shippedModels } from '../shipped.ts';
import { checkModel } from './checks.ts';
import { validateModel } from './validateModel.ts';

const clock = systemClock();
let folder: string;
let contract: ModelContract;
let data: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'validation-'));
  const [shipped] = await shippedModels();
  contract = shipped!.contract;
  data = await shipped!.data();
});
afterAll(() => rm(folder, { recursive: true }));

async function misbehaving(code: string): Promise<string> {
  const script = join(folder, `${sha256Of(Buffer.from(code)).slice(0, 8)}.mjs`);
  await writeFile(script, code);
  return script;
}

test('a model that crashes, hangs or eats memory ends its own process and is refused', async () => {
  const refused = async (code: string, limitMs = 20_000) => {
    const script = await misbehaving(code);
    return validateModel(contract, data, { clock, limitMs, script }).then(
      () => 'taken',
      (error: Error) => error.message,
    );
  };
  const crash = "process.on('message', () => process.kill(process.pid, 'SIGSEGV'))";
  expect(await refused(crash)).toContain('SIGSEGV');
  expect(await refused("process.on('message', () => { for (;;); })", 1000)).toContain('after 1000 ms');
  const glutton = `process.on('message', () => { const held = []; for (;;) held.push(Buffer.alloc(64 << 20, 1)); })`;
  expect(await refused(glutton)).toContain('it ended the process that ran it');
});

test('the process that validates knows nothing of our environment', async () => {
  process.env.VALIDATION_TEST_SECRET = 'secret';
  const script = await misbehaving(
    "process.on('message', () => process.send({ refused: Object.keys(process.env).sort().join(' ') }))",
  );
  const error = await validateModel(contract, data, { clock, script }).catch((thrown: Error) => thrown);
  delete process.env.VALIDATION_TEST_SECRET;
  expect((error as Error).message).toContain('ORT_DISABLE_TELEMETRY');
  expect((error as Error).message).not.toContain('SECRET');
});

const small = (nodes: GraphNode[], over: Partial<Parameters<typeof encodeModel>[0]> = {}) =>
  encodeModel({
    name: 'small',
    input: { name: 'features', width: 26 },
    output: { name: 'error', width: null },
    constants: { axes: { dims: [1], values: [1n] }, first: { dims: [1], values: [0n] } },
    nodes,
    ...over,
  });
const mean: GraphNode = {
  op: 'ReduceMean',
  inputs: ['features', 'axes'],
  output: 'error',
  attributes: { keepdims: 0 },
};
const check = (bytes: Uint8Array, over: Partial<ModelContract> = {}) =>
  checkModel({ ...contract, sha256: sha256Of(bytes), ...over }, bytes);

test('a plain model passes with its figures', async () => {
  const report = await check(small([mean]));
  expect(report.p99Us).toBeGreaterThanOrEqual(report.p50Us);
  expect(report.batchUsPerRow).toBeLessThan(report.p50Us);
});

test('shapes, names and probabilities have to be those of the contract', async () => {
  await expect(check(small([mean], { input: { name: 'x', width: 26 } }))).rejects.toThrow(
    'the contract says "features"',
  );
  await expect(check(small([mean], { input: { name: 'features', width: 25 } }))).rejects.toThrow('(open, 25)');
  await expect(check(small([mean], { output: { name: 'other', width: null } }))).rejects.toThrow('no output "error"');
  await expect(check(small([mean], { output: { name: 'error', width: 3 } }))).rejects.toThrow('(open, 1)');
  const output = {
    kind: 'classes' as const,
    name: 'error',
    unit: 'probability' as const,
    classes: ['a', 'b'],
    healthy: 'a',
  };
  const pair: GraphNode = { op: 'MatMul', inputs: ['features', 'w'], output: 'error' };
  const weights = { w: { dims: [26, 2], values: new Float32Array(52).fill(0.1) } };
  const notNormalised = small([pair], { output: { name: 'error', width: 2 }, constants: weights });
  await expect(check(notNormalised, { output })).rejects.toThrow('no probability');
});

test('an operator that could ask for all memory is refused, and a model that answers NaN', async () => {
  const constants = { shape: { dims: [1], values: [10n] }, axes: { dims: [1], values: [1n] } };
  const boundless = small([{ op: 'Expand', inputs: ['features', 'shape'], output: 'error' }], { constants });
  await expect(check(boundless)).rejects.toThrow('Expand');
  const scaled: GraphNode = { op: 'Mul', inputs: ['features', 'gain'], output: 'scaled' };
  const nodes = [scaled, { ...mean, inputs: ['scaled', 'axes'] }];
  const nan = small(nodes, { constants: { ...constants, gain: { dims: [1], values: [Number.NaN] } } });
  await expect(check(nan)).rejects.toThrow('fails on probe rows');
});

test('rows that look at each other are found out', async () => {
  const acrossRows: GraphNode[] = [
    { op: 'ReduceMean', inputs: ['features', 'first'], output: 'm', attributes: { keepdims: 1 } },
    { op: 'Sub', inputs: ['features', 'm'], output: 'd' },
    { op: 'ReduceMean', inputs: ['d', 'axes'], output: 'error', attributes: { keepdims: 0 } },
  ];
  await expect(check(small(acrossRows))).rejects.toThrow('must not influence each other');
});
