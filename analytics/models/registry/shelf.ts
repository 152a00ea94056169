import { type Logger, reasonOf, type Tx } from '../../../platform/index.ts';
import type { PointFacts } from '../../facts/machineFacts.ts';
import type { ModelContract } from '../contract.ts';
import type { ModelRunner } from '../modelRunner.ts';
import { onnxRunner } from '../onnxRunner.ts';
import { readContracts, readModelData } from './models.ts';
import { placementsFor } from './placements.ts';
import { type PlacedPoint, type Stage, stagesAt } from './stages.ts';

/** A model that is run at a point. */
export interface PlacedModel {
  readonly id: string;
  readonly contract: ModelContract;
  readonly live: boolean;
  /** As `ModelRunner.run`; null when the model failed, which is logged: a model must not hold up an analysis. */
  run(rows: readonly Float32Array[]): Promise<Float32Array | null>;
}

/** The models that this process has loaded. */
export interface ModelShelf {
  /**
   * The models to run at each of some points, as the registry stands in this transaction: whatever was promoted,
   * retired or rolled back before counts from the next batch on, in every process and without a restart.
   */
  at(tx: Tx, points: ReadonlyMap<string, PointFacts | null>): Promise<Map<string, PlacedModel[]>>;
  close(): Promise<void>;
}

/** Loaded at once: a plant with more models has them loaded again as their points report. */
const MOST_LOADED = 256;

export function createShelf(log: Logger): ModelShelf {
  // In the order of use, oldest first. Models never change, so an id needs no second look.
  const loaded = new Map<string, Promise<ModelRunner | null>>();

  const runnerOf = async (tx: Tx, id: string): Promise<ModelRunner | null> => {
    const key = `${tx.tenantId} ${id}`;
    let runner = loaded.get(key);
    if (runner === undefined) {
      runner = load(tx, id);
      // A file that cannot be loaded stays on the shelf as such: it is not tried with every batch.
      runner.catch(() => loaded.delete(key));
    } else loaded.delete(key);
    loaded.set(key, runner);
    return runner;
  };
  const load = async (tx: Tx, id: string): Promise<ModelRunner | null> => {
    const contract = (await readContracts(tx, [id])).get(id);
    const data = contract && (await readModelData(tx, id));
    if (!data) return null;
    return onnxRunner(contract, data).catch((error) => {
      log.error(
        { tenantId: tx.tenantId, modelId: id, reason: reasonOf(error) },
        'model cannot be loaded; it is not run',
      );
      return null;
    });
  };
  const guarded = (modelId: string, runner: ModelRunner) => (rows: readonly Float32Array[]) =>
    runner.run(rows).catch((error) => {
      log.error({ modelId, model: runner.contract.name, reason: reasonOf(error) }, 'model failed; its word is missing');
      return null;
    });
  // Let go of, not closed: another partition may be running it. The runtime frees a session that nobody holds.
  const makeRoom = () => {
    while (loaded.size > MOST_LOADED) loaded.delete(loaded.keys().next().value!);
  };

  return {
    at: async (tx, points) => {
      makeRoom();
      const known = [...points.values()].filter((facts) => facts !== null);
      const placements = await placementsFor(tx, {
        points: [...points.keys()],
        machines: known.map(({ machineId }) => machineId),
        classes: known.flatMap(({ machineClass }) => machineClass ?? []),
      });
      const models = new Map<string, PlacedModel[]>();
      for (const [pointKey, facts] of points) {
        const placed: PlacedModel[] = [];
        for (const [id, stage] of stagesAt(placements, placedPoint(pointKey, facts))) {
          const runner = isRun(stage) ? await runnerOf(tx, id) : null;
          if (runner) placed.push({ id, contract: runner.contract, live: stage === 'live', run: guarded(id, runner) });
        }
        models.set(pointKey, placed);
      }
      return models;
    },
    close: async () => {
      for (const runner of loaded.values()) await (await runner.catch(() => null))?.close();
      loaded.clear();
    },
  };
}

function isRun(stage: Stage): boolean {
  switch (stage) {
    case 'shadow':
    case 'live':
      return true;
    case 'retired':
      return false;
  }
}

function placedPoint(pointKey: string, facts: PointFacts | null): PlacedPoint {
  return { pointKey, machineId: facts?.machineId ?? null, machineClass: facts?.machineClass ?? null };
}
