import type { FeedWaveform } from '../../ingest/index.ts';
import type { ModelVerdict } from '../detectors/waveformObservation.ts';
import type { DiagnosisFacts, WaveformBlock } from '../diagnosis/index.ts';
import type { PointFacts } from '../facts/machineFacts.ts';
import type { ModelContract } from '../models/contract.ts';
import type { ModelRunner } from '../models/modelRunner.ts';
import { SPECTRAL_SHAPE } from '../models/spectralShape.ts';
import type { BlockResult } from '../threads/messages.ts';
import type { AnalysisPool } from '../threads/pool.ts';

/** What the numeric work made of one block. */
export interface AnalysedBlock {
  readonly result: BlockResult;
  /** null when no model could be asked: too short, a sampling rate outside its contract, no finite features. */
  readonly model: { readonly contract: ModelContract; readonly verdict: ModelVerdict } | null;
}

export type FactsByPoint = ReadonlyMap<string, PointFacts | null>;

/** The heavy part: the blocks on the threads, then the model once over the whole batch. */
export async function analyseBlocks(
  deps: { readonly pool: AnalysisPool; readonly models: readonly ModelRunner[] },
  blocks: readonly FeedWaveform[],
  facts: FactsByPoint,
  isolate: boolean,
): Promise<Map<FeedWaveform, AnalysedBlock>> {
  if (blocks.length === 0) return new Map();
  const tasks = blocks.map((item) => ({ block: blockOf(item), facts: nameplate(facts.get(item.pointKey) ?? null) }));
  const results = await deps.pool.analyse(tasks, { isolate });
  const model = deps.models.find(({ contract }) => contract.input.definition === SPECTRAL_SHAPE);
  const errors = model ? await scoreShapes(model, results) : new Map<number, number>();
  return new Map(
    blocks.map((item, index) => {
      const error = errors.get(index);
      const said = model && error !== undefined ? { error, live: model.contract.stage === 'live' } : null;
      return [
        item,
        { result: results[index]!, model: model && said ? { contract: model.contract, verdict: said } : null },
      ];
    }),
  );
}

async function scoreShapes(model: ModelRunner, results: readonly BlockResult[]): Promise<Map<number, number>> {
  const { samplingRateHz, windowSamples } = model.contract;
  const asked = results.flatMap((result, index) => {
    if ('failure' in result || !result.shape) return [];
    const { samplingRateHz: rateHz, sampleCount } = result.analysis;
    const fits = rateHz >= samplingRateHz.min && rateHz <= samplingRateHz.max && sampleCount >= windowSamples.min;
    return fits ? [{ index, row: result.shape }] : [];
  });
  if (asked.length === 0) return new Map();
  const scores = await model.score(asked.map(({ row }) => row));
  return new Map(asked.map(({ index }, i) => [index, scores[i]!]));
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
