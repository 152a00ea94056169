import type { Outbox, Tx } from '../../platform/index.ts';
import type { DeliveryError } from '../channels/channel.ts';
import { NotificationRequested } from '../events.ts';
import type { Claim } from './claim.ts';
import { retryPauseMs } from './retryPolicy.ts';

/** What came of an attempt. */
export type Outcome = 'sent' | 'retrying' | 'dead';

/**
 * Records what came of an attempt, and plans the next one where there is one.
 *
 * A claim that ran out meanwhile is not ours any more: then only the attempt's own record is completed.
 */
export async function recordOutcome(
  tx: Tx,
  outbox: Outbox,
  claim: Claim,
  failure: DeliveryError | null,
  nowMs: number,
): Promise<Outcome> {
  const { id, attempts } = claim.notification;
  const now = new Date(nowMs);
  const outcome = failure === null ? 'sent' : failure.permanent ? 'refused' : 'failed';
  await tx.query(
    `update notification_attempt set ended_at = $3, outcome = $4, reason = $5
      where notification_id = $1 and attempt = $2 and outcome is null`,
    [id, attempts, now, outcome, failure?.message ?? null],
  );
  if (failure === null) {
    await tx.query(
      `update notification set status = 'sent', sent_at = $3, reason = null, claimed_until = null
        where id = $1 and attempts = $2 and status = 'sending'`,
      [id, attempts, now],
    );
    return 'sent';
  }
  const next = plan(claim, failure, nowMs);
  const { rowCount } = await tx.query(
    `update notification set status = $3, reason = $4, failures = failures + 1, claimed_until = null,
            refused_by = refused_by || $5::text[], next_attempt_at = $6
      where id = $1 and attempts = $2 and status = 'sending'`,
    [
      id,
      attempts,
      next === null ? 'dead' : 'retrying',
      failure.message,
      failure.permanent ? [claim.via.key] : [],
      next === null ? null : new Date(next),
    ],
  );
  if (rowCount === 1 && next !== null) {
    await outbox.publish(tx, NotificationRequested, { notificationIds: [id], cause: 'retry' }, { dueAtMs: next });
  }
  return next === null ? 'dead' : 'retrying';
}

/** When to try again. A refusal for good goes to the next channel at once; if there is none, `claim` gives up. */
function plan(claim: Claim, failure: DeliveryError, nowMs: number): number | null {
  const pauseMs = retryPauseMs(claim.notification.failures + 1);
  if (pauseMs === null) return null;
  return failure.permanent ? nowMs : nowMs + pauseMs;
}
