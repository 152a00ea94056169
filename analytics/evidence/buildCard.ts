import { failingAsset } from '../anomalies/faultKey.ts';
import type { Shift } from '../detectors/changeMemory.ts';
import { type BlockAnalysis, heardEnvelope } from '../diagnosis/index.ts';
import type { ModelAnswer } from '../worker/askModels.ts';
import type { Curve, EvidenceCard } from './card.ts';
import { say } from './findings/say.ts';
import { jointEvidence } from './jointEvidence.ts';
import type { Judged } from './judged.ts';
import { telling } from './telling.ts';
import { decibels, thinSpectrum } from './thin.ts';
import { ADVICE, summarise } from './wording.ts';

const DRAWN_POINTS = 480;
const ENVELOPE_MARGIN = 1.25;

/** Puts everything that speaks for an anomaly, and against other explanations, on one card. */
export function buildCard(
  judged: Judged,
  anomaly: { id: string; confirmedMs: number },
  trend: readonly { atMs: number; value: number }[],
): EvidenceCard {
  const { analysis, diagnosis, claim, verdict, facts } = judged;
  const isNamed = claim.basis === 'agreement' || claim.basis === 'geometry';
  const course = telling(judged);
  const harmonics = isNamed ? (diagnosis?.harmonics ?? []) : [];
  const partial = {
    assetName: facts ? failingAsset(facts, claim.fault).name : judged.pointKey,
    pointKey: judged.pointKey,
    fault: claim.fault,
    level: claim.level,
    basis: claim.basis,
    confidence: claim.confidence,
    coldStart: verdict.coldStart,
    harmonics: harmonics.map(({ order, hz, snrDb }) => ({ order, hz, snrDb })),
    severity: severityOf(analysis),
    severityNote: analysis?.severityNote ? say([analysis.severityNote]) : null,
    joint: jointEvidence(judged),
    shift: shiftEvidence(verdict.shift),
    features: verdict.scored.map(({ name, value, unit, centre, upper, z, speaks }) => ({
      name,
      value,
      unit,
      centre,
      upper,
      z,
      speaks,
    })),
  };
  return {
    version: 2,
    anomalyId: anomaly.id,
    machineName: facts?.machineName ?? null,
    ...partial,
    operating: {
      speedRpm: analysis?.speedRpm ?? null,
      speedSource: analysis?.speedSource ?? 'none',
      loadPercent: judged.loadPercent,
      samplingRateHz: analysis?.samplingRateHz ?? null,
      axis: analysis?.axis ?? null,
      blocks: diagnosis?.blocks ?? 0,
    },
    sidebands: isNamed ? (diagnosis?.sidebands ?? []).map(({ order, hz, snrDb }) => ({ order, hz, snrDb })) : [],
    trend: {
      name: course?.name ?? 'value',
      unit: course?.unit ?? '',
      x: trend.map((point) => point.atMs),
      y: trend.map((point) => Number(point.value.toPrecision(5))),
      centre: course?.centre ?? null,
      upper: course?.upper ?? null,
    },
    spectrum: analysis && spectrumOf(analysis),
    envelope: analysis && envelopeOf(judged, analysis, harmonics.at(-1)?.hz ?? null),
    rejected: (diagnosis?.rejected ?? []).map(({ fault, reason }) => ({ fault, reason: say([reason]) })),
    cannotTell: isNamed || !diagnosis ? null : say(diagnosis.reason),
    model: modelOf(judged.models),
    advice: ADVICE[claim.fault],
    summary: summarise(partial),
    proofBlocks: judged.recentBlocks.map(({ ref, timeMs }) => ({ ref, timeMs })),
    confirmedAtMs: anomaly.confirmedMs,
  };
}

function shiftEvidence(shift: Shift | null): EvidenceCard['shift'] {
  if (!shift) return null;
  const { feature, unit, sinceMs, from, to } = shift;
  return { feature, unit, sinceMs, from, to };
}

/** The model that counts as evidence; one in shadow is named as such when there is no other. */
function modelOf(models: readonly ModelAnswer[]): EvidenceCard['model'] {
  const told = models.find(({ live }) => live) ?? models[0];
  if (!told) return null;
  const { name, version, sha256 } = told.contract;
  return { name, version, sha256, stage: told.live ? 'live' : 'shadow' };
}

function severityOf(analysis: BlockAnalysis | null): EvidenceCard['severity'] {
  if (!analysis?.severity || analysis.velocityRmsMmS === null) return null;
  const { zone, part, limitsMmS, assumed } = analysis.severity;
  return { zone, part, limitsMmS: [...limitsMmS], assumed, velocityRmsMmS: analysis.velocityRmsMmS };
}

function spectrumOf(analysis: BlockAnalysis): Curve | null {
  const { psd, unit, samplingRateHz } = analysis;
  if (psd.values.length < 2) return null;
  const symbol = unit === 'm/s2' ? 'm/s²' : unit;
  const power = symbol.includes('/') ? `(${symbol})²` : `${symbol}²`;
  return thinSpectrum(psd, samplingRateHz / 2, DRAWN_POINTS, `${power}/Hz`, decibels);
}

function envelopeOf(judged: Judged, analysis: BlockAnalysis, lastHarmonicHz: number | null): Curve | null {
  const { accumulated, facts } = judged;
  const envelope = (accumulated && heardEnvelope(accumulated, facts ?? {})) ?? analysis.envelope;
  if (envelope.values.length < 2) return null;
  const endHz = (envelope.values.length - 1) * envelope.step;
  const toHz = lastHarmonicHz === null ? endHz : Math.min(endHz, lastHarmonicHz * ENVELOPE_MARGIN);
  return thinSpectrum(envelope, toHz, DRAWN_POINTS, 'dB', decibels);
}
