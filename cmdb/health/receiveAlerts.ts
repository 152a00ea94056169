import { newId, type Tx } from '../../platform/index.ts';
import { limitSight, type Reader, restrictedIds, seesRestricted } from '../model/redaction.ts';
import type { Alert, AlertSource } from './alert.ts';
import { type StateChange, updateStates } from './ciStates.ts';
import { type HealthDeps, lockHealth } from './healthChange.ts';
import { readMapping, stateOf } from './mapping.ts';
import { type Match, matchCis } from './matchCis.ts';

/** What became of a notification. */
export interface AlertReport {
  readonly received: number;
  /** Alerts that fire and whose CI is known. */
  readonly matched: number;
  /** Alerts that fire and whose CI is not. */
  readonly unmatched: readonly { readonly title: string; readonly why: string }[];
  /** CIs whose state is another now. */
  readonly changed: readonly StateChange[];
}

const MOST_UNMATCHED_TOLD = 20;

/**
 * Takes alerts of one source: each is kept under its fingerprint, and the state of the CIs that they are about follows.
 * News that comes late, or twice, changes nothing.
 * @param reader who is told what became of them; without one all is told
 */
export async function receiveAlerts(
  deps: HealthDeps,
  tx: Tx,
  source: AlertSource,
  alerts: readonly Alert[],
  reader?: Reader,
): Promise<AlertReport> {
  await lockHealth(tx);
  const mapping = await readMapping(tx, source);
  const newest = newestOfEach(alerts);
  const matches = await matchCis(
    tx,
    newest.map((alert) => alert.labels),
    mapping.ciLabels,
  );
  const touched = await keep(deps, tx, source, newest, (alert, index) => ({
    state: stateOf(mapping, alert.severity),
    ciId: matches[index]!.ciId,
    match: matches[index]!.ciId === null ? matches[index]!.why : matches[index]!.label,
  }));
  const changed = await updateStates(deps, tx, touched, mapping.recoveryMinutes);
  const shown = await shownTo(tx, reader, newest, matches, mapping.ciLabels, changed);
  const firing = newest.flatMap((alert, index) => (alert.firing ? [{ alert, match: shown.matches[index]! }] : []));
  return {
    received: alerts.length,
    matched: firing.filter(({ match }) => match.ciId !== null).length,
    unmatched: firing
      .flatMap(({ alert, match }) => (match.ciId === null ? [{ title: alert.title, why: match.why }] : []))
      .slice(0, MOST_UNMATCHED_TOLD),
    changed: shown.changed,
  };
}

/** What of it the sender may see: to one without cmdb:restricted an alert about a restricted CI is about none. */
async function shownTo(
  tx: Tx,
  reader: Reader | undefined,
  alerts: readonly Alert[],
  matches: readonly Match[],
  ciLabels: readonly string[],
  changed: readonly StateChange[],
): Promise<{ matches: readonly Match[]; changed: readonly StateChange[] }> {
  if (reader === undefined || seesRestricted(reader)) return { matches, changed };
  const hidden = await restrictedIds(tx);
  await limitSight(tx, reader);
  const labels = alerts.map((alert) => alert.labels);
  return { matches: await matchCis(tx, labels, ciLabels), changed: changed.filter(({ ciId }) => !hidden.has(ciId)) };
}

function newestOfEach(alerts: readonly Alert[]): Alert[] {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    const known = newest.get(alert.fingerprint);
    // The end of an alert says nothing of what it is about: that stays as the beginning told it.
    newest.set(
      alert.fingerprint,
      known && Object.keys(alert.labels).length === 0 ? { ...known, ...endOf(alert) } : alert,
    );
  }
  return [...newest.values()];
}

function endOf({ firing, endedAtMs }: Alert): Pick<Alert, 'firing' | 'endedAtMs'> {
  return { firing, endedAtMs };
}

interface Judgement {
  readonly state: string;
  readonly ciId: string | null;
  readonly match: string;
}

/** Writes alerts, and returns the CIs that they are or were about. */
async function keep(
  { clock }: HealthDeps,
  tx: Tx,
  source: AlertSource,
  alerts: readonly Alert[],
  judge: (alert: Alert, index: number) => Judgement,
): Promise<string[]> {
  const judged = alerts.map(judge);
  const toDate = (ms: number | null) => (ms === null ? null : new Date(ms));
  const { rows } = await tx.query<{ ciId: string | null }>(
    `with told as (
       select * from unnest($4::uuid[], $5::text[], $6::bool[], $7::text[], $8::text[], $9::text[], $10::jsonb[],
                            $11::text[], $12::uuid[], $13::text[], $14::timestamptz[], $15::timestamptz[])
         as t (id, fingerprint, firing, state, severity, title, labels, url, ci_id, match, started_at, ended_at)),
     before as (
       select a.ci_id from cmdb_alert a join told using (fingerprint) where a.tenant_id = $1 and a.source = $2),
     kept as (
       insert into cmdb_alert as a (tenant_id, source, received_at, id, fingerprint, firing, state, severity, title,
                                    labels, url, ci_id, match, started_at, ended_at)
       select $1, $2, $3, * from told
       on conflict (tenant_id, source, fingerprint) do update set
         received_at = excluded.received_at,
         -- What was over before this began, or began after this was over, stays as it is.
         firing = case when excluded.firing then a.ended_at is null or excluded.started_at >= a.ended_at
                       else a.firing and a.started_at > excluded.ended_at end,
         ended_at = case when excluded.firing and (a.ended_at is null or excluded.started_at >= a.ended_at) then null
                         when excluded.firing then a.ended_at
                         when a.firing and a.started_at > excluded.ended_at then a.ended_at
                         else greatest(a.ended_at, excluded.ended_at) end,
         started_at = case when excluded.labels = '{}' then a.started_at else excluded.started_at end,
         state = case when excluded.labels = '{}' then a.state else excluded.state end,
         severity = case when excluded.labels = '{}' then a.severity else excluded.severity end,
         title = case when excluded.labels = '{}' then a.title else excluded.title end,
         labels = case when excluded.labels = '{}' then a.labels else excluded.labels end,
         url = coalesce(excluded.url, a.url),
         ci_id = case when excluded.labels = '{}' then a.ci_id else excluded.ci_id end,
         match = case when excluded.labels = '{}' then a.match else excluded.match end
       returning a.ci_id)
     select distinct ci_id as "ciId" from (select ci_id from before union all select ci_id from kept) both_times
     where ci_id is not null`,
    [
      tx.tenantId,
      source,
      new Date(clock.nowMs()),
      alerts.map(() => newId()),
      alerts.map((alert) => alert.fingerprint),
      alerts.map((alert) => alert.firing),
      judged.map(({ state }) => state),
      alerts.map((alert) => alert.severity),
      alerts.map((alert) => alert.title.slice(0, 500)),
      alerts.map((alert) => JSON.stringify(alert.labels)),
      alerts.map((alert) => alert.url),
      judged.map(({ ciId }) => ciId),
      judged.map(({ match }) => match.slice(0, 500)),
      alerts.map((alert) => toDate(alert.startedAtMs)),
      alerts.map((alert) => toDate(alert.endedAtMs)),
    ],
  );
  return rows.map(({ ciId }) => ciId!);
}
