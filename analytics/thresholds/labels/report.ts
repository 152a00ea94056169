import type { Tx } from '../../../platform/index.ts';
import type { FaultName } from '../../detectors/state.ts';
import type { ThresholdDeps } from '../deps.ts';
import { placed } from '../simulate/plan.ts';

/** What became of the alarms of one kind. */
export interface Performance {
  readonly machineClass: string | null;
  readonly basis: string;
  readonly fault: FaultName;
  confirmed: number;
  falseAlarms: number;
  otherCauses: number;
  open: number;
  /** Confirmed among confirmed and false; null without any. */
  precision: number | null;
}

export interface PerformanceReport {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: Performance[];
  /** Confirmed faults: told of by an anomaly, and found by people themselves. */
  readonly told: number;
  readonly foundByPeople: number;
  /** Share of the confirmed faults that were told of; null without any. */
  readonly recall: number | null;
  readonly precision: number | null;
}

const MOST_ORDERS = 10_000;
const QUARTER_MS = 91 * 86_400_000;

/** When the 91 days began that end at a time, ms. */
export function quarterBefore(toMs: number): number {
  return Math.max(0, toMs - QUARTER_MS);
}

interface Row {
  pointKey: string;
  kind: 'waveform' | 'reading';
  basis: string;
  fault: FaultName;
  label: string | null;
  n: number;
}

async function countAnomalies(tx: Tx, fromMs: number, toMs: number): Promise<Row[]> {
  const { rows } = await tx.query<Row>(
    `select a.point_key as "pointKey", coalesce(p.kind, 'waveform') as kind, a.basis, a.fault, a.label, count(*)::int as n
     from anomaly a left join analytics_point p on p.tenant_id = a.tenant_id and p.point_key = a.point_key
     where a.tenant_id = current_tenant() and a.confirmed_ms >= $1 and a.confirmed_ms < $2
     group by a.point_key, p.kind, a.basis, a.fault, a.label`,
    [fromMs, toMs],
  );
  return rows;
}

const MOST_POINTS = 20_000;

async function listPoints(tx: Tx): Promise<Pick<Row, 'pointKey' | 'kind'>[]> {
  const { rows } = await tx.query<Pick<Row, 'pointKey' | 'kind'>>(
    'select point_key as "pointKey", kind from analytics_point where tenant_id = current_tenant() limit $1',
    [MOST_POINTS],
  );
  return rows;
}

const ratio = (part: number, of: number): number | null => (of === 0 ? null : part / of);

/**
 * Precision per way of believing, fault and machine class, and recall over all: what people found when they looked, and
 * what they found without having been told.
 */
export async function performanceOf(
  deps: ThresholdDeps,
  tenantId: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<PerformanceReport> {
  const { counts, orders, points } = await deps.db.tenant(tenantId, async (tx) => ({
    points: await listPoints(tx),
    counts: await countAnomalies(tx, fromMs, toMs),
    orders: await deps.orders.closed(tx, { fromMs, toMs }, MOST_ORDERS),
  }));
  const rows = new Map<string, Performance>();
  for (const { pointKey, kind, basis, fault, label, n } of counts) {
    const { machineClass } = await placed(deps, tenantId, { pointKey, kind });
    const key = JSON.stringify([machineClass, basis, fault]);
    const row = rows.get(key) ?? {
      ...{ machineClass, basis, fault, confirmed: 0, falseAlarms: 0, otherCauses: 0, open: 0, precision: null },
    };
    if (label === 'confirmed') row.confirmed += n;
    else if (label === 'false_alarm') row.falseAlarms += n;
    else if (label === 'other_cause') row.otherCauses += n;
    else row.open += n;
    row.precision = ratio(row.confirmed, row.confirmed + row.falseAlarms);
    rows.set(key, row);
  }
  const all = [...rows.values()].sort((a, b) => b.confirmed + b.falseAlarms - a.confirmed - a.falseAlarms);
  const sum = (key: 'confirmed' | 'falseAlarms') => all.reduce((total, row) => total + row[key], 0);
  const told = sum('confirmed');
  const known = await Promise.all(points.map((point) => placed(deps, tenantId, point)));
  // An order about something that no point watches says nothing of the detectors.
  const watched = new Set(known.flatMap(({ assetId, machineId }) => [assetId, machineId]).filter((id) => id !== null));
  const foundByPeople = orders.filter(
    ({ anomalyIds, outcome, assetId }) =>
      anomalyIds.length === 0 && outcome === 'confirmed' && assetId !== null && watched.has(assetId),
  ).length;
  return {
    ...{ fromMs, toMs, rows: all, told, foundByPeople },
    recall: ratio(told, told + foundByPeople),
    precision: ratio(told, told + sum('falseAlarms')),
  };
}
