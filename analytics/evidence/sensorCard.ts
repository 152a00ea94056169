import type { PointFacts } from '../facts/machineFacts.ts';
import { type SeenSign, SIGN_ADVICE, SIGN_WORDS } from '../sensors/signs.ts';
import type { EvidenceCard } from './card.ts';
import { ADVICE } from './wording.ts';

export interface SensorEvidence {
  readonly pointKey: string;
  readonly facts: PointFacts | null;
  readonly seen: SeenSign;
  readonly confidence: number;
  /** The feature whose course is drawn: what the point said while it could be believed. */
  readonly feature: string;
  readonly trend: readonly { atMs: number; value: number }[];
}

/** Why a sensor is not believed, on the same card that a machine's fault has. */
export function buildSensorCard(
  anomaly: { id: string; confirmedMs: number },
  { pointKey, facts, seen, confidence, feature, trend }: SensorEvidence,
): EvidenceCard {
  const assetName = facts?.pointName ?? pointKey;
  const words = SIGN_WORDS[seen.sign];
  const advice = SIGN_ADVICE[seen.sign];
  const percent = Math.round(confidence * 100);
  return {
    version: 2,
    anomalyId: anomaly.id,
    pointKey,
    assetName,
    machineName: facts?.machineName ?? null,
    fault: 'sensor',
    level: 'warning',
    confidence,
    basis: 'sensor',
    coldStart: false,
    severity: null,
    severityNote: null,
    operating: {
      speedRpm: null,
      speedSource: 'none',
      loadPercent: null,
      samplingRateHz: null,
      axis: facts?.axis ?? null,
      blocks: 0,
    },
    harmonics: [],
    sidebands: [],
    features: [],
    trend: {
      name: feature,
      unit: '',
      x: trend.map(({ atMs }) => atMs),
      y: trend.map(({ value }) => Number(value.toPrecision(5))),
      centre: null,
      upper: null,
    },
    spectrum: null,
    envelope: null,
    rejected: [],
    cannotTell: null,
    sensor: { sign: seen.sign, detail: seen.detail },
    model: null,
    advice: { en: `${advice.en} ${ADVICE.sensor.en}`, zh: `${advice.zh}${ADVICE.sensor.zh}` },
    summary: {
      en: `Sensor fault at ${assetName} (${pointKey}): ${words.en} (${seen.detail.en}). The machine is not judged by it. Confidence ${percent} %.`,
      zh: `${assetName}（${pointKey}）传感器故障：${words.zh}（${seen.detail.zh}）。期间不据此判断设备。置信度 ${percent}%。`,
    },
    proofBlocks: [],
    confirmedAtMs: anomaly.confirmedMs,
  };
}
