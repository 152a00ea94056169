import type { Registry } from 'prom-client';
import { lastKnown, listTenants, readMetrics } from '../../../platform/index.ts';
import type { ThresholdDeps } from '../deps.ts';
import { performanceOf, quarterBefore } from '../labels/report.ts';
import { levelOf, type Scope } from '../scope.ts';
import { listValues } from '../store/values.ts';
import { nearLimits } from './nearLimits.ts';

const MOST_TENANTS = 100;
/** Points shown of each tenant, the nearest to their limits. */
const MOST_POINTS = 100;
/** Asked at most so often, however many scrape: counting a quarter's alarms looks at every point. */
const VALUES_EVERY_MS = 30_000;
const ALARMS_EVERY_MS = 600_000;

/** One line of a metric with labels. */
type Line = readonly [labels: Record<string, string>, value: number];

/** What dashboards show of the thresholds of every tenant: what holds, how near points are to it, and how good it is. */
export function thresholdMetrics(registry: Registry, deps: ThresholdDeps): void {
  const { clock } = deps;
  const metrics = readMetrics(registry, 'faultline_threshold_');
  const lines = (everyMs: number, of: (tenantId: string, tenant: string) => Promise<Line[]>) =>
    lastKnown<Line[]>(
      [],
      async () => {
        const found: Line[] = [];
        for (const { id, slug } of await listTenants(deps.db, { limit: MOST_TENANTS })) {
          found.push(...(await of(id, slug)));
        }
        return found;
      },
      { clock, everyMs },
    );
  metrics.gaugeBy(
    'value',
    'Thresholds that people, or labels, have set; everywhere else the defaults hold',
    ['tenant', 'setting', 'level', 'scope', 'feature', 'regime', 'author'],
    lines(VALUES_EVERY_MS, async (tenantId, tenant) =>
      (await deps.db.tenant(tenantId, listValues)).map((held): Line => {
        const { setting, feature, regime, author, value } = held;
        const of = { feature: feature ?? '', regime: regime ?? '', author };
        return [{ tenant, setting, level: levelOf(held), scope: scopeName(held), ...of }, value];
      }),
    ),
  );
  metrics.gaugeBy(
    'limit_share',
    'Distance of a point from its normal as a share of the limit at which its loudest feature speaks; 1 and more speaks',
    ['tenant', 'point', 'feature'],
    lines(VALUES_EVERY_MS, async (tenantId, tenant) =>
      (await deps.db.tenant(tenantId, (tx) => nearLimits(tx, MOST_POINTS))).map(
        ({ pointKey, feature, share }): Line => [{ tenant, point: pointKey, feature }, share],
      ),
    ),
  );
  const reports = new Map<string, { readAtMs: number; report: ReturnType<typeof performanceOf> }>();
  const reportOf = (tenantId: string) => {
    const known = reports.get(tenantId);
    const toMs = clock.nowMs() + 1;
    if (known && toMs - known.readAtMs < ALARMS_EVERY_MS) return known.report;
    const report = performanceOf(deps, tenantId, { fromMs: quarterBefore(toMs), toMs });
    reports.set(tenantId, { readAtMs: toMs, report });
    report.catch(() => reports.delete(tenantId));
    return report;
  };
  metrics.gaugeBy(
    'alarms',
    'Confirmed anomalies of the last 91 days by what made them believed and what people found',
    ['tenant', 'detector', 'fault', 'machine_class', 'found'],
    lines(ALARMS_EVERY_MS, async (tenantId, tenant) =>
      (await reportOf(tenantId)).rows.flatMap((row): Line[] => {
        const labels = { tenant, detector: row.basis, fault: row.fault, machine_class: row.machineClass ?? '' };
        return [
          [{ ...labels, found: 'confirmed' }, row.confirmed],
          [{ ...labels, found: 'false_alarm' }, row.falseAlarms],
          [{ ...labels, found: 'other_cause' }, row.otherCauses],
          [{ ...labels, found: 'open' }, row.open],
        ];
      }),
    ),
  );
  metrics.gaugeBy(
    'faults',
    'Faults of the last 91 days that people confirmed: told of by an anomaly, or found by themselves',
    ['tenant', 'by'],
    lines(ALARMS_EVERY_MS, async (tenantId, tenant) => {
      const { told, foundByPeople } = await reportOf(tenantId);
      return [
        [{ tenant, by: 'anomaly' }, told],
        [{ tenant, by: 'people' }, foundByPeople],
      ];
    }),
  );
}

function scopeName({ pointKey, machineId, machineClass }: Scope): string {
  return pointKey ?? machineId ?? machineClass ?? '';
}
