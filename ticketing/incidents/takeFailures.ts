import type { CiFailure } from '../../cmdb/index.ts';
import type { Tx } from '../../platform/index.ts';
import { type Anomaly, DEGRADATION, type Failing, OUTAGE } from '../intake/anomaly.ts';
import type { Occasion } from '../intake/append.ts';
import { type IntakeDeps, takeAnomalies } from '../intake/intake.ts';
import { type LogEntry, SYSTEM } from '../orders/log.ts';
import { lockOrders } from '../orders/order.ts';
import { saveOrder } from '../orders/save.ts';
import { isOpen } from '../orders/state.ts';
import type { ComponentHealth } from '../ports.ts';
import { inUnit } from '../unit.ts';

export interface IncidentDeps extends IntakeDeps {
  readonly health: ComponentHealth;
}

/** More open incidents than this are not looked at as causes: the newest are. */
const MOST_CAUSES = 300;

interface OpenIncident extends Failing {
  readonly orderId: string;
}

/**
 * Takes failures of IT components by the way of anomalies: one open incident per cause.
 *
 * A component that fails because another one does, by the dependency graph, raises no incident of its own: its failure is
 * added to that of its cause. Where the cause is told after its symptoms, their incidents stay, and each log names it.
 */
export async function takeFailures(
  deps: IncidentDeps,
  tx: Tx,
  told: readonly CiFailure[],
  occasion: Occasion,
): Promise<void> {
  const ill = await deps.health.failing(tx);
  const failures = asOfNow(told, ill);
  const open = await openIncidents(tx);
  const arriving: Failing[] = failures.map(({ ciId, state }) => ({ ciId, state }));
  // The oldest first, and what is worked on before what is new: of components in a ring, that one counts as the cause.
  const known = new Map<string, Failing>();
  for (const failing of [...open, ...arriving]) known.set(failing.ciId, failing);
  const causeOf = await deps.impact.symptoms(tx.tenantId, [...known.values()]);
  const own = new Set(open.map((incident) => incident.ciId));
  const causeHere = (ciId: string) => (own.has(ciId) ? ciId : (causeOf.get(ciId) ?? ciId));
  // Causes first: of one batch, the first of a fault is what its incident is about.
  const causesFirst = [...failures].sort((a, b) => Number(causeOf.has(a.ciId)) - Number(causeOf.has(b.ciId)));
  const before = await toldBefore(ill, tx, failures);
  const anomalies: Anomaly[] = [];
  for (const [cause, together] of Map.groupBy(causesFirst, ({ ciId }) => causeHere(ciId))) {
    const failed = together.map(({ ciId, state }): Failing => ({ ciId, state }));
    const failing = { failed, before: [...before.values()] };
    for (const failure of together) anomalies.push({ ...anomalyOf(failure, cause), failing });
    // The next cause finds these failed: of two that stand in for one another, the second loss is the one that hurts.
    for (const one of failed) before.set(one.ciId, one);
  }
  await takeAnomalies(deps, tx, anomalies, occasion);
  await nameCauses(deps, tx, open, causeOf);
}

type IllComponent = Awaited<ReturnType<ComponentHealth['failing']>>[number];

/** A failure that was told later than it was found may be another CI's by now: that into which its own was merged. */
function asOfNow(told: readonly CiFailure[], ill: readonly IllComponent[]): CiFailure[] {
  const ciOf = new Map(ill.map(({ failureId, ciId }) => [failureId, ciId]));
  return told.map((failure) => ({ ...failure, ciId: ciOf.get(failure.failureId) ?? failure.ciId }));
}

/**
 * What is failing now and was taken before these: the health that they meet. Failures that are on their way here are left
 * out, or each of two would find the other's damage done already and nobody would be told.
 */
async function toldBefore(
  ill: readonly IllComponent[],
  tx: Tx,
  failures: readonly CiFailure[],
): Promise<Map<string, Failing>> {
  const { rows } = await tx.query<{ id: string }>(
    'select anomaly_id as id from work_order_anomaly where tenant_id = $1 and anomaly_id = any ($2::uuid[])',
    [tx.tenantId, ill.map(({ failureId }) => failureId)],
  );
  const told = new Set(rows.map(({ id }) => id));
  const arriving = new Set(failures.map(({ ciId }) => ciId));
  return new Map(
    ill
      .filter(({ failureId, ciId }) => told.has(failureId) && !arriving.has(ciId))
      .map(({ ciId, state }) => [ciId, { ciId, state }]),
  );
}

/** @param cause the CI whose incident it belongs to: itself, or what it follows from */
function anomalyOf(failure: CiFailure, cause: string): Anomaly {
  return {
    anomalyId: failure.failureId,
    faultKey: `ci:${cause}`,
    pointKey: null,
    pointId: null,
    assetId: failure.ciId,
    assetName: failure.ciName,
    fault: failure.state === 'down' ? OUTAGE : DEGRADATION,
    level: failure.state === 'down' ? 'serious' : 'warning',
    severityZone: null,
    confidence: 1,
    evidenceUrl: failure.alertsUrl,
    summary: failure.summary,
    firstSeenAtMs: failure.sinceMs,
    confirmedAtMs: failure.atMs,
    lastWaveformAtMs: failure.atMs,
  };
}

async function openIncidents(tx: Tx): Promise<OpenIncident[]> {
  const { rows } = await tx.query<OpenIncident>(
    `select * from (
       select id as "orderId", asset_id as "ciId",
              case when fault = $2 then 'degraded' else 'down' end as state
         from work_order
        where tenant_id = $1 and kind = 'incident' and state not in ('closed', 'cancelled')
          and asset_id is not null and fault_key is not null
        order by id desc limit ${MOST_CAUSES}) newest order by "orderId"`,
    [tx.tenantId, DEGRADATION],
  );
  return rows;
}

/** Tells incidents that were open already what has turned out to be behind them. */
async function nameCauses(
  deps: IntakeDeps,
  tx: Tx,
  open: readonly OpenIncident[],
  causeOf: ReadonlyMap<string, string>,
): Promise<void> {
  const explained = open.filter(({ ciId }) => causeOf.has(ciId));
  if (explained.length === 0) return;
  const causes = new Map((await openIncidents(tx)).map((incident) => [incident.ciId, incident.orderId]));
  const symptoms = explained.flatMap(({ ciId, orderId }) => {
    const causeId = causes.get(causeOf.get(ciId)!);
    return causeId === undefined || causeId === orderId ? [] : [{ orderId, causeId }];
  });
  const ids = symptoms.flatMap(({ orderId, causeId }) => [orderId, causeId]);
  const orders = new Map((await lockOrders(tx, [...new Set(ids)])).map((order) => [order.id, order]));
  const { rows } = await tx.query<{ orderId: string; causeId: string }>(
    `select order_id as "orderId", data ->> 'causeId' as "causeId" from work_order_event
      where tenant_id = $1 and order_id = any ($2::uuid[]) and kind = 'caused_by'`,
    [tx.tenantId, symptoms.map(({ orderId }) => orderId)],
  );
  const told = new Set(rows.map(({ orderId, causeId }) => `${orderId} ${causeId}`));
  await inUnit(deps, tx, async (unit) => {
    for (const { orderId, causeId } of symptoms) {
      const [order, cause] = [orders.get(orderId)!, orders.get(causeId)!];
      if (!isOpen(order.state) || !isOpen(cause.state) || told.has(`${orderId} ${causeId}`)) continue;
      const entry: LogEntry = {
        kind: 'caused_by',
        actor: SYSTEM,
        data: { causeId, causeNumber: cause.number, causeName: cause.assetName },
      };
      await saveOrder(unit, order, {}, [entry], SYSTEM);
    }
  });
}
