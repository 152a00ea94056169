import type { Clock, Outbox, Tx } from '../../platform/index.ts';
import type { MergedCi } from '../events.ts';
import { updateStates } from '../health/ciStates.ts';

/** How long the CI must be well if its alerts say so together at once; each source's mapping says it otherwise. */
const RECOVERY_MINUTES = 2;

/**
 * Makes one health of two CIs' whose alerts are one CI's already. A failure of the one that goes is the kept one's from now
 * on; where both are failing, that of the kept one goes on. The caller holds the tenant's lock of health.
 *
 * @returns which failure ended in which, where both were failing
 */
export async function mergeHealth(
  deps: { clock: Clock; outbox: Outbox },
  tx: Tx,
  goneId: string,
  keptId: string,
): Promise<MergedCi['failure']> {
  const { rows } = await tx.query<{ ciId: string; failureId: string }>(
    'select ci_id as "ciId", failure_id as "failureId" from cmdb_ci_state where tenant_id = $1 and ci_id in ($2, $3)',
    [tx.tenantId, goneId, keptId],
  );
  const ended = rows.find(({ ciId }) => ciId === goneId);
  const goesOn = rows.find(({ ciId }) => ciId === keptId);
  if (ended && goesOn) {
    await tx.query('delete from cmdb_ci_state where tenant_id = $1 and ci_id = $2', [tx.tenantId, goneId]);
  } else if (ended) {
    await tx.query('update cmdb_ci_state set ci_id = $3 where tenant_id = $1 and ci_id = $2', [
      ...[tx.tenantId, goneId, keptId],
    ]);
  }
  if (ended) await tx.query('update cmdb_health set version = version + 1 where tenant_id = $1', [tx.tenantId]);
  await updateStates(deps, tx, [keptId], RECOVERY_MINUTES);
  return ended && goesOn ? { endedId: ended.failureId, goesOnAsId: goesOn.failureId } : null;
}
