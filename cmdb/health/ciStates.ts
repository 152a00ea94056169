import { newId, type Tx } from '../../platform/index.ts';
import { workEnds } from '../maintenance/workedOn.ts';
import type { CiState, FailedState } from '../model/state.ts';
import { CiFailed, type CiFailure, CiRecovered, CiRecoveryDue, CiWorsened } from './events.ts';
import type { HealthDeps } from './healthChange.ts';

/** A CI whose state has changed. */
export interface StateChange {
  readonly ciId: string;
  readonly key: string;
  readonly from: CiState;
  readonly to: CiState;
}

interface Known {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** What the alerts say now. */
  readonly now: CiState;
  /** The worst alert's words. */
  readonly title: string | null;
  readonly source: string | null;
  readonly startedAt: Date | null;
  readonly failureId: string | null;
  readonly state: CiState;
  readonly told: FailedState | null;
}

const SEVERITY_OF: Readonly<Record<CiState, number>> = { ok: 0, degraded: 1, down: 2 };

/**
 * Brings the states of CIs to what their alerts say, and tells of it. The caller holds the tenant's lock of health.
 *
 * A CI that is well again keeps its failure until it has been well for long enough: alerts that come and go are one failure.
 */
export async function updateStates(
  { clock, outbox }: HealthDeps,
  tx: Tx,
  ciIds: readonly string[],
  recoveryMinutes: number,
): Promise<StateChange[]> {
  if (ciIds.length === 0) return [];
  const nowMs = clock.nowMs();
  const changed = (await readKnown(tx, ciIds)).filter(({ now, state }) => now !== state);
  const failed: CiFailure[] = [];
  const worsened: CiFailure[] = [];
  const recovering: { failureId: string; ciId: string; recoveredAtMs: number }[] = [];
  const rows = changed.map((ci) => {
    const failureId = ci.failureId ?? newId();
    const { now, told } = ci;
    if (now === 'ok') recovering.push({ failureId, ciId: ci.ciId, recoveredAtMs: nowMs });
    else if (told === null) failed.push(failureOf(ci, failureId, now, nowMs));
    else if (SEVERITY_OF[now] > SEVERITY_OF[told]) worsened.push(failureOf(ci, failureId, now, nowMs));
    const worst = now === 'ok' ? told! : told === 'down' ? told : now;
    return { ciId: ci.ciId, failureId, state: now, told: worst, since: ci.startedAt ?? new Date(nowMs) };
  });
  if (rows.length === 0) return [];
  await writeStates(tx, rows, new Date(nowMs));
  // A failure while the CI is being worked on is told when the work should be over, unless it is well by then.
  const ends = await workEnds(
    tx,
    failed.map(({ ciId }) => ciId),
    new Date(nowMs),
  );
  for (const [endMs, ofEnd] of Map.groupBy(failed, ({ ciId }) => ends.get(ciId)?.getTime())) {
    await outbox.publishAll(tx, CiFailed, ofEnd, endMs === undefined ? {} : { dueAtMs: endMs });
  }
  await outbox.publishAll(tx, CiWorsened, worsened);
  await outbox.publishAll(tx, CiRecoveryDue, recovering, { dueAtMs: nowMs + recoveryMinutes * 60_000 });
  return changed.map(({ ciId, key, state, now }) => ({ ciId, key, from: state, to: now }));
}

async function readKnown(tx: Tx, ciIds: readonly string[]): Promise<Known[]> {
  const { rows } = await tx.query<Known>(
    `select c.id as "ciId", c.key, c.name, c.type, coalesce(w.state, 'ok') as now, w.title, w.source,
            w.started_at as "startedAt", s.failure_id as "failureId", coalesce(s.state, 'ok') as state, s.told
     from cmdb_ci c
     left join cmdb_ci_state s on s.tenant_id = c.tenant_id and s.ci_id = c.id
     left join lateral (
       select a.state, a.title, a.source, a.started_at from cmdb_alert a
       where a.tenant_id = c.tenant_id and a.ci_id = c.id and a.firing and a.state <> 'ignored'
       order by a.state = 'down' desc, a.started_at, a.id limit 1) w on true
     where c.tenant_id = $1 and c.id = any ($2::uuid[]) order by c.id`,
    [tx.tenantId, ciIds],
  );
  return rows;
}

function failureOf(ci: Known, failureId: string, state: FailedState, atMs: number): CiFailure {
  const said = ci.title ?? '';
  return {
    failureId,
    ciId: ci.ciId,
    ciKey: ci.key,
    ciName: ci.name,
    ciType: ci.type,
    state,
    summary: {
      en: `${ci.name} is ${state}: ${said} (${ci.source})`,
      zh: `${ci.name} ${state === 'down' ? '中断' : '性能下降'}：${said}（${ci.source}）`,
    },
    alertsUrl: `/api/v1/cmdb/alerts?ci=${ci.ciId}`,
    sinceMs: (ci.startedAt ?? new Date(atMs)).getTime(),
    atMs,
  };
}

interface StateRow {
  readonly ciId: string;
  readonly failureId: string;
  readonly state: CiState;
  readonly told: FailedState;
  readonly since: Date;
}

async function writeStates(tx: Tx, rows: readonly StateRow[], at: Date): Promise<void> {
  await tx.query(
    `insert into cmdb_ci_state as s (tenant_id, recovered_at, ci_id, failure_id, state, told, since)
     select $1, case when r.state = 'ok' then $2::timestamptz end, r.*
     from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[])
       as r (ci_id, failure_id, state, told, since)
     on conflict (tenant_id, ci_id) do update set
       state = excluded.state, told = excluded.told, recovered_at = excluded.recovered_at`,
    [
      tx.tenantId,
      at,
      rows.map((row) => row.ciId),
      rows.map((row) => row.failureId),
      rows.map((row) => row.state),
      rows.map((row) => row.told),
      rows.map((row) => row.since),
    ],
  );
  await tx.query('update cmdb_health set version = version + 1 where tenant_id = $1', [tx.tenantId]);
}

/** Ends the failures whose CI has stayed well since the timer was set. The caller holds the tenant's lock of health. */
export async function endFailures(
  { outbox }: HealthDeps,
  tx: Tx,
  due: readonly { failureId: string; recoveredAtMs: number }[],
): Promise<void> {
  // By the failure alone: its CI may have been merged into another since the timer was set.
  const { rows } = await tx.query<{ failureId: string; ciId: string; recoveredAt: Date }>(
    `delete from cmdb_ci_state s using unnest($2::uuid[], $3::timestamptz[]) as d (failure_id, at)
     where s.tenant_id = $1 and s.failure_id = d.failure_id and s.state = 'ok' and s.recovered_at = d.at
     returning s.failure_id as "failureId", s.ci_id as "ciId", s.recovered_at as "recoveredAt"`,
    [tx.tenantId, due.map(({ failureId }) => failureId), due.map(({ recoveredAtMs }) => new Date(recoveredAtMs))],
  );
  await outbox.publishAll(
    tx,
    CiRecovered,
    rows.map(({ failureId, ciId, recoveredAt }) => ({ failureId, ciId, recoveredAtMs: recoveredAt.getTime() })),
  );
}
