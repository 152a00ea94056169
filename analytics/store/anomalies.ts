import type { Sql, Tx } from '../../platform/index.ts';
import type { Label } from '../detectors/rebaseline.ts';
import type { FaultName, Level } from '../detectors/state.ts';
import type { SeverityZone } from '../diagnosis/types.ts';
import type { Bilingual } from '../evidence/bilingual.ts';
import type { EvidenceCard } from '../evidence/card.ts';
import { currentCard, type StoredCard } from '../evidence/storedCard.ts';

/** One anomaly as it stands in its table. */
export interface Anomaly {
  id: string;
  faultKey: string;
  pointKey: string;
  pointId: string | null;
  assetId: string | null;
  assetName: string;
  machineId: string | null;
  fault: FaultName;
  basis: EvidenceCard['basis'];
  level: Level;
  status: 'suspected' | 'confirmed' | 'closed';
  severityZone: SeverityZone | null;
  confidence: number;
  strength: number;
  summary: Bilingual;
  firstSeenMs: number;
  confirmedMs: number | null;
  escalatedMs: number | null;
  closedMs: number | null;
  closedBy: string | null;
  /** recovered: a sensor's fault that good data has disproved since. */
  closedReason: 'labelled' | 'faded' | 'recovered' | null;
  label: Label | null;
  lastWaveformMs: number;
}

const COLUMNS = `id, fault_key as "faultKey", point_key as "pointKey", point_id as "pointId", asset_id as "assetId",
  asset_name as "assetName", machine_id as "machineId", fault, basis, level, status, severity_zone as "severityZone",
  confidence, strength, summary, first_seen_ms as "firstSeenMs", confirmed_ms as "confirmedMs",
  escalated_ms as "escalatedMs", closed_ms as "closedMs", closed_by as "closedBy", closed_reason as "closedReason",
  label, last_waveform_ms as "lastWaveformMs"`;

/** What an open anomaly says of itself. */
export type OpenAnomaly = Omit<Anomaly, 'closedMs' | 'closedBy' | 'closedReason' | 'label'>;

const valuesOf = (a: OpenAnomaly) => [
  a.id,
  a.faultKey,
  a.pointKey,
  a.pointId,
  a.assetId,
  a.assetName,
  a.machineId,
  a.fault,
  a.basis,
  a.level,
  a.status,
  a.severityZone,
  a.confidence,
  a.strength,
  JSON.stringify(a.summary),
  a.firstSeenMs,
  a.confirmedMs,
  a.lastWaveformMs,
  a.escalatedMs,
];

/** Opens an anomaly unless one with its fault key is open; says whether it did. */
export async function insertAnomaly(tx: Tx, anomaly: OpenAnomaly): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into anomaly (tenant_id, id, fault_key, point_key, point_id, asset_id, asset_name, machine_id, fault, basis,
       level, status, severity_zone, confidence, strength, summary, first_seen_ms, confirmed_ms, last_waveform_ms,
       escalated_ms)
     values (current_tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     on conflict (tenant_id, fault_key) where status <> 'closed' do nothing`,
    valuesOf(anomaly),
  );
  return rowCount === 1;
}

/** Writes what has become of an open anomaly: confirmed, named, worse. */
export async function updateAnomaly(tx: Tx, anomaly: OpenAnomaly): Promise<void> {
  await tx.query(
    `update anomaly set fault_key = $2, point_key = $3, point_id = $4, asset_id = $5, asset_name = $6, machine_id = $7,
       fault = $8, basis = $9, level = $10, status = $11, severity_zone = $12, confidence = $13, strength = $14,
       summary = $15, first_seen_ms = $16, confirmed_ms = $17, last_waveform_ms = $18, escalated_ms = $19
     where tenant_id = current_tenant() and id = $1 and status <> 'closed'`,
    valuesOf(anomaly),
  );
}

export async function raiseStrength(tx: Tx, id: string, strength: number): Promise<void> {
  await tx.query(
    `update anomaly set strength = greatest(strength, $2) where tenant_id = current_tenant() and id = $1 and status <> 'closed'`,
    [id, strength],
  );
}

/** Open anomalies that a claim could belong to: by key, on the machine, or the point's own. Locked, oldest first. */
export async function lockOpenAnomalies(
  tx: Tx,
  of: { faultKey: string; machineId: string | null; ownId: string | null },
): Promise<Anomaly[]> {
  const { rows } = await tx.query<Anomaly>(
    `select ${COLUMNS} from anomaly where tenant_id = current_tenant() and status <> 'closed'
       and (fault_key = $1 or machine_id = $2 or id = $3)
     order by first_seen_ms, id for update`,
    [of.faultKey, of.machineId, of.ownId],
  );
  return rows;
}

/** Which of these anomalies are still open. */
export async function stillOpen(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await tx.query<{ id: string }>(
    `select id from anomaly where tenant_id = current_tenant() and id = any($1::uuid[]) and status <> 'closed'`,
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}

export async function readAnomaly(tx: Sql, id: string): Promise<Anomaly | null> {
  const { rows } = await tx.query<Anomaly>(
    `select ${COLUMNS} from anomaly where tenant_id = current_tenant() and id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Confirmed anomalies that are open on any of these components or machines, oldest first. */
export async function openOnAssets(tx: Sql, ciIds: readonly string[]): Promise<Anomaly[]> {
  const { rows } = await tx.query<Anomaly>(
    `select ${COLUMNS} from anomaly where tenant_id = current_tenant() and status = 'confirmed'
       and (asset_id = any($1::uuid[]) or machine_id = any($1::uuid[])) order by id`,
    [[...ciIds]],
  );
  return rows;
}

export interface AnomalyFilter {
  status?: Anomaly['status'] | undefined;
  pointKey?: string | undefined;
  assetId?: string | undefined;
  /** Also suspicions that faded. */
  faded: boolean;
  limit: number;
  /** Id of the last anomaly of the page before; ids grow with time. */
  before?: string | undefined;
}

/** Anomalies, newest first; one more than `limit`, so that the caller sees whether there is a next page. */
export async function listAnomalies(tx: Sql, filter: AnomalyFilter): Promise<Anomaly[]> {
  const { rows } = await tx.query<Anomaly>(
    `select ${COLUMNS} from anomaly where tenant_id = current_tenant()
       and ($1::text is null or status = $1) and ($2::text is null or point_key = $2)
       and ($3::uuid is null or asset_id = $3) and ($4::uuid is null or id < $4) and ($5 or closed_reason is distinct from 'faded')
     order by id desc limit $6`,
    [
      filter.status ?? null,
      filter.pointKey ?? null,
      filter.assetId ?? null,
      filter.before ?? null,
      filter.faded,
      filter.limit + 1,
    ],
  );
  return rows;
}

export async function saveCard(tx: Tx, card: EvidenceCard): Promise<void> {
  await tx.query('update anomaly set card = $2 where tenant_id = current_tenant() and id = $1', [
    card.anomalyId,
    JSON.stringify(card),
  ]);
}

/** The evidence card; null while the anomaly is only suspected, or unknown. */
export async function readCard(tx: Sql, id: string): Promise<EvidenceCard | null> {
  const { rows } = await tx.query<{ card: StoredCard | null }>(
    'select card from anomaly where tenant_id = current_tenant() and id = $1',
    [id],
  );
  const card = rows[0]?.card;
  return card ? currentCard(card) : null;
}

/** Closes an open anomaly; says whether it was open (a suspicion that has faded closes only what is suspected). */
export async function closeAnomaly(
  tx: Tx,
  id: string,
  closing: { atMs: number; by: string | null; label: Label | null },
): Promise<boolean> {
  const faded = closing.label === null;
  const { rowCount } = await tx.query(
    `update anomaly set status = 'closed', closed_ms = $2, closed_by = $3, closed_reason = $4, label = $5
     where tenant_id = current_tenant() and id = $1 and (status = 'suspected' or status = 'confirmed' and not $6)`,
    [id, closing.atMs, closing.by, faded ? 'faded' : 'labelled', closing.label, faded],
  );
  return rowCount === 1;
}

/** Closes a sensor's fault that good data has ended; says whether it was open. */
export async function closeRecovered(tx: Tx, id: string, atMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update anomaly set status = 'closed', closed_ms = $2, closed_reason = 'recovered'
     where tenant_id = current_tenant() and id = $1 and status <> 'closed'`,
    [id, atMs],
  );
  return rowCount === 1;
}

export async function addPoint(
  tx: Tx,
  anomalyId: string,
  pointKey: string,
  part: 'origin' | 'corroborates',
  atMs: number,
): Promise<void> {
  await tx.query(
    `insert into anomaly_point (tenant_id, anomaly_id, point_key, part, since_ms)
     values (current_tenant(), $1, $2, $3, $4) on conflict do nothing`,
    [anomalyId, pointKey, part, atMs],
  );
}

export interface AnomalyPoint {
  pointKey: string;
  part: 'origin' | 'corroborates';
}

export async function pointsOf(tx: Sql, anomalyId: string): Promise<AnomalyPoint[]> {
  const { rows } = await tx.query<AnomalyPoint>(
    `select point_key as "pointKey", part from anomaly_point
     where tenant_id = current_tenant() and anomaly_id = $1 order by point_key`,
    [anomalyId],
  );
  return rows;
}
