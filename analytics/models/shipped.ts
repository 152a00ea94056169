import { readFile } from 'node:fs/promises';
import { type ModelContract, parseContract } from './contract.ts';
import type { ModelRunner } from './modelRunner.ts';
import { onnxRunner } from './onnxRunner.ts';
import type { Stage } from './registry/stages.ts';

/** A model that comes with the product: an entry of every tenant's registry, until the tenant says otherwise. */
export interface ShippedModel {
  readonly id: string;
  readonly contract: ModelContract;
  /** Stage everywhere while the tenant has set none. */
  readonly stage: Stage;
  data(): Promise<Uint8Array>;
}

/** An id belongs to one version for ever; a new version gets a new one. */
const SHIPPED = [
  { id: '01990000-0000-7000-8000-00000000a001', file: 'spectralAutoencoder', stage: 'live' },
  // Trained on simulation alone, it names three of four windows of a rig that it never saw: enough to be shown and
  // compared with its past, not to speak before people have seen it agree on their own machines.
  { id: '01990000-0000-7000-8000-00000000a003', file: 'bearingClassifier', stage: 'shadow' },
] as const satisfies readonly { id: string; file: string; stage: Stage }[];

let known: Promise<readonly ShippedModel[]> | undefined;

/** The models of the product with their contracts. */
export function shippedModels(): Promise<readonly ShippedModel[]> {
  known ??= Promise.all(
    SHIPPED.map(async ({ id, file, stage }) => ({
      id,
      stage,
      contract: parseContract(await readFile(new URL(`${file}.json`, import.meta.url), 'utf8')),
      data: () => readFile(new URL(`${file}.onnx`, import.meta.url)),
    })),
  );
  return known;
}

/** Loads one model of the product, ready to run. */
export async function loadShipped(name: string): Promise<ModelRunner> {
  const found = (await shippedModels()).find(({ contract }) => contract.name === name);
  if (!found) throw new Error(`no model ${name} comes with the product`);
  return onnxRunner(found.contract, await found.data());
}
