import { type ModelContract, readContract } from './contract.ts';
import type { ModelRunner } from './modelRunner.ts';

/** The contracts of the models that come with the product. */
const CONTRACTS = ['spectralAutoencoder.json'].map((file) => new URL(file, import.meta.url));

/**
 * Loads every model of the product; refuses to start with one that is not what its contract says. The runtime is
 * imported here and not before, so that a process without the analytics role never loads it.
 */
export async function loadModels(): Promise<ModelRunner[]> {
  const { onnxRunner } = await import('./onnxRunner.ts');
  return Promise.all(CONTRACTS.map(onnxRunner));
}

/** The contracts alone, for whoever only asks what is in use. */
export function readContracts(): Promise<ModelContract[]> {
  return Promise.all(CONTRACTS.map(readContract));
}
