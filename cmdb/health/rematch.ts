import type { Tx } from '../../platform/index.ts';
import type { AlertSource } from './alert.ts';
import { type HealthDeps, lockHealth } from './healthChange.ts';
import { listAlerts } from './readAlerts.ts';
import { type AlertReport, receiveAlerts } from './receiveAlerts.ts';

/** More alerts than this do not fire at once; the rest is judged when it is told again. */
const MOST_REMATCHED = 20_000;

/** Judges the alerts of a source that fire as if they were told now, after the mapping has changed. */
export async function rematch(deps: HealthDeps, tx: Tx, source: AlertSource): Promise<AlertReport> {
  await lockHealth(tx);
  const firing = await listAlerts(tx, { source, firing: true, limit: MOST_REMATCHED });
  return receiveAlerts(
    deps,
    tx,
    source,
    firing.map(({ startedAt, ...alert }) => ({ ...alert, startedAtMs: startedAt.getTime(), endedAtMs: null })),
  );
}
