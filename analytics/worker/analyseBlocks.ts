import type { FeedWaveform } from '../../ingest/index.ts';
import type { Tx } from '../../platform/index.ts';
import type { DiagnosisFacts, WaveformBlock } from '../diagnosis/index.ts';
import type { PointFacts } from '../facts/machineFacts.ts';
import type { DriftMonitor } from '../models/drift/monitor.ts';
import { SPECTRAL_SHAPE } from '../models/features/spectralShape.ts';
import type { ModelShelf } from '../models/registry/shelf.ts';
import type { BlockResult } from '../threads/messages.ts';
import type { AnalysisPool } from '../threads/pool.ts';
import { askModels, type ModelAnswer } from './askModels.ts';

/** What the numeric work made of one block. */
export interface AnalysedBlock {
  readonly result: BlockResult;
  /** None when no model could be asked: too short, a sampling rate outside its contract, no finite features. */
  readonly models: readonly ModelAnswer[];
}

export type FactsByPoint = ReadonlyMap<string, PointFacts | null>;

export interface AnalyseDeps {
  readonly pool: AnalysisPool;
  readonly shelf: ModelShelf;
  readonly drift: DriftMonitor;
}

/** The heavy part: the blocks on the threads, then each model once over the whole batch. */
export async function analyseBlocks(
  { pool, shelf, drift }: AnalyseDeps,
  tx: Tx,
  blocks: readonly FeedWaveform[],
  facts: FactsByPoint,
  isolate: boolean,
): Promise<Map<FeedWaveform, AnalysedBlock>> {
  if (blocks.length === 0) return new Map();
  const placed = await shelf.at(tx, new Map(blocks.map(({ pointKey }) => [pointKey, facts.get(pointKey) ?? null])));
  const modelsOf = ({ pointKey }: FeedWaveform) => placed.get(pointKey)!;
  const tasks = blocks.map((item) => ({
    block: blockOf(item),
    facts: nameplate(facts.get(item.pointKey) ?? null),
    // The shape is wanted of every block: models for a point are fitted on it later.
    definitions: [...new Set([SPECTRAL_SHAPE, ...modelsOf(item).map(({ contract }) => contract.input.definition)])],
  }));
  const results = await pool.analyse(tasks, { isolate });
  const answers = await askModels(
    drift,
    tx.tenantId,
    blocks.map((item, index) => ({ result: results[index]!, models: modelsOf(item) })),
  );
  return new Map(blocks.map((item, index) => [item, { result: results[index]!, models: answers[index]! }]));
}

function blockOf(item: FeedWaveform): WaveformBlock {
  const { samples, samplingRateHz, unit } = item;
  return {
    samples,
    samplingRateHz,
    unit,
    speedRpm: item.speedRpm ?? undefined,
    axis: item.axis ?? undefined,
    startNs: item.timeNs,
  };
}

function nameplate(facts: PointFacts | null): DiagnosisFacts {
  if (!facts) return {};
  const { bearingOrders, gearTeeth, powerKw, shaftHeightMm, mounting, ratedRpm, machineClass, lineHz } = facts;
  return { bearingOrders, gearTeeth, powerKw, shaftHeightMm, mounting, ratedRpm, machineClass, lineHz };
}
