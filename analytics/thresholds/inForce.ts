import type { Tx } from '../../platform/index.ts';
import type { ScopedPoint } from './scope.ts';
import { type PointSettings, settingsFor, type ThresholdValue } from './settingsFor.ts';

/** The thresholds of one tenant at one version; immutable. */
export interface InForce {
  readonly version: number;
  readonly values: readonly ThresholdValue[];
  settingsFor(point: ScopedPoint): PointSettings;
}

/** Reads what holds now. One per process: it remembers each tenant's latest version. */
export type ReadInForce = (tx: Tx) => Promise<InForce>;

/** Settings of so many points are kept per tenant; beyond it they are worked out anew, which costs microseconds. */
const KEPT_POINTS = 20_000;
const KEPT_TENANTS = 1_000;

export function inForceOf(version: number, values: readonly ThresholdValue[]): InForce {
  const known = new Map<string, PointSettings>();
  return {
    version,
    values,
    settingsFor: (point) => {
      const key = JSON.stringify([point.kind, point.pointKey, point.machineId, point.machineClass]);
      const found = known.get(key);
      if (found) return found;
      const settings = settingsFor(values, point, version);
      if (known.size >= KEPT_POINTS) known.clear();
      known.set(key, settings);
      return settings;
    },
  };
}

/**
 * What holds for a batch is read once, at its start, in its own transaction: one short statement says whether the
 * version is still the known one, and gives all values when it is not. The statement sees one moment of the database,
 * so values and version belong together.
 */
export function createReadInForce(): ReadInForce {
  const known = new Map<string, InForce>();
  return async (tx) => {
    const latest = known.get(tx.tenantId);
    const { rows } = await tx.query<{ version: bigint; values: ThresholdValue[] | null }>(
      `select s.version, case when s.version is distinct from $1 then coalesce(
         (select json_agg(json_build_object('setting', setting, 'machineClass', machine_class, 'machineId', machine_id,
            'pointKey', point_key, 'feature', feature, 'regime', regime, 'value', value))
          from threshold where tenant_id = current_tenant()), '[]') end as values
       from threshold_set s where s.tenant_id = current_tenant()`,
      [latest?.version ?? null],
    );
    const version = Number(rows[0]?.version ?? 0);
    if (latest?.version === version) return latest;
    const fresh = inForceOf(version, rows[0]?.values ?? []);
    known.delete(tx.tenantId);
    known.set(tx.tenantId, fresh);
    if (known.size > KEPT_TENANTS) known.delete(known.keys().next().value!);
    return fresh;
  };
}
