import type { OpenClaim } from '../detectors/state.ts';
import type { AnomalyPayload } from '../events.ts';
import type { Judged } from '../evidence/judged.ts';
import type { OpenAnomaly } from '../store/anomalies.ts';
import { failingAsset } from './faultKey.ts';

/** A judged observation that calls for something, with the times that count. */
export interface Occurrence extends Judged {
  /** Device time, ms. */
  readonly timeMs: number;
  /** Arrival at our front, ms. */
  readonly arrivalMs: number;
}

/** A judged observation as an anomaly that is suspected or confirmed now. */
export function describe(
  id: string,
  faultKey: string,
  status: 'suspected' | 'confirmed',
  { claim, facts, analysis, pointKey, timeMs, arrivalMs }: Occurrence,
  nowMs: number,
): OpenAnomaly {
  const asset = facts && failingAsset(facts, claim.fault);
  return {
    id,
    faultKey,
    pointKey,
    pointId: facts?.pointId ?? null,
    assetId: asset?.id ?? null,
    assetName: asset?.name ?? pointKey,
    machineId: facts?.machineId ?? null,
    fault: claim.fault,
    basis: claim.basis,
    level: claim.level,
    status,
    severityZone: analysis?.severity?.zone ?? null,
    confidence: claim.confidence,
    strength: claim.strength,
    summary: { en: '', zh: '' },
    firstSeenMs: timeMs,
    confirmedMs: status === 'confirmed' ? nowMs : null,
    escalatedMs: null,
    lastWaveformMs: arrivalMs,
  };
}

/** What the point remembers of the anomaly that it has open. */
export function claimOf(
  anomaly: Pick<OpenAnomaly, 'id' | 'fault' | 'status' | 'level' | 'strength'>,
  part: OpenClaim['part'],
): OpenClaim {
  const status = anomaly.status === 'suspected' ? 'suspected' : 'confirmed';
  const { id: anomalyId, fault, level, strength } = anomaly;
  return { anomalyId, fault, status, level, part, strength };
}

/** What is published of an anomaly. */
export function payloadOf(anomaly: OpenAnomaly): AnomalyPayload {
  return {
    anomalyId: anomaly.id,
    faultKey: anomaly.faultKey,
    pointKey: anomaly.pointKey,
    pointId: anomaly.pointId,
    assetId: anomaly.assetId,
    assetName: anomaly.assetName,
    fault: anomaly.fault,
    level: anomaly.level,
    severityZone: anomaly.severityZone,
    confidence: anomaly.confidence,
    evidenceUrl: `/api/v1/anomalies/${anomaly.id}/evidence.svg`,
    summary: anomaly.summary,
    firstSeenAtMs: anomaly.firstSeenMs,
    confirmedAtMs: anomaly.confirmedMs ?? anomaly.firstSeenMs,
    lastWaveformAtMs: anomaly.lastWaveformMs,
  };
}
