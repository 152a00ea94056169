import type { BlockAnalysis, WaveformBlock } from '../../../analytics/diagnosis/index.ts';
import type { PointFacts } from '../../../analytics/facts/machineFacts.ts';
import { newPointMemory, type PointMemory } from '../../../analytics/store/pointMemory.ts';
import { settingsFor } from '../../../analytics/thresholds/settingsFor.ts';
import { judgeWaveform } from '../../../analytics/worker/judgeWaveform.ts';

export const RATE_HZ = 12_000;
const START_MS = Date.UTC(2026, 0, 1);

const FACTS: PointFacts = {
  pointId: 'bench',
  assetId: 'bench',
  assetName: 'bench',
  machineId: 'bench',
  machineName: 'bench',
  bearingOrders: { bpfo: 3.5848, bpfi: 5.4152, ftf: 0.3983, bsf: 2.3567 },
  powerKw: 75,
  mounting: 'rigid',
  graphVersion: '1',
};

const SETTINGS = settingsFor([], { kind: 'waveform', pointKey: 'bench', machineId: null, machineClass: null }, 0);

export function point(pointKey: string): PointMemory {
  return newPointMemory(pointKey, 'waveform');
}

/** What the worker does with an analysed block: accumulate, diagnose, compare with the past, vote. */
export function judge(memory: PointMemory, block: WaveformBlock, analysis: BlockAnalysis, number: number): void {
  const timeMs = START_MS + number * 10_000; // blocks apart from one another, each complete by itself
  const item = {
    ...{ kind: 'waveform' as const, pointKey: memory.pointKey, ref: String(number), identity: String(number) },
    ...{ timeNs: BigInt(timeMs) * 1_000_000n, arrivalMs: timeMs, future: false, axis: null, loadPercent: null },
    ...{
      samplingRateHz: block.samplingRateHz,
      unit: 'g' as const,
      speedRpm: 1772,
      samples: block.samples as Float32Array,
    },
  };
  judgeWaveform(memory, item, FACTS, SETTINGS, analysis, [], null, []);
  memory.observations++;
}
