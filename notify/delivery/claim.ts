import type { Tx } from '../../platform/index.ts';
import type { UsableChannel } from '../channels/directory.ts';
import { type Notification, queryNotifications } from '../notification.ts';

/** A sender that has not reported by then is taken for dead. Longer than any attempt may last (`ATTEMPT_MS`). */
export const CLAIM_MS = 60_000;

/** A message that is ours to hand over now: nobody else will, until the claim runs out. */
export interface Claim {
  readonly notification: Notification;
  readonly via: UsableChannel;
  readonly address: string;
}

/** No channel is left for the message: its way ends here, and the record says why. */
export interface GivenUp {
  readonly gaveUp: 'dead' | 'undeliverable';
  readonly reason: string;
}

/**
 * Claims one message before anything is said to a channel, and records the attempt. Claimed can be what is due, and
 * what a dead sender left behind.
 *
 * @returns null when there is nothing to do: done, taken by another, or not due yet
 */
export async function claim(
  tx: Tx,
  id: string,
  channels: readonly UsableChannel[],
  nowMs: number,
): Promise<Claim | GivenUp | null> {
  const now = new Date(nowMs);
  const [notification] = await queryNotifications(
    tx,
    `update notification n set status = 'sending', attempts = attempts + 1, next_attempt_at = null, claimed_until = $2
      where id = $1 and ((status in ('pending', 'retrying') and next_attempt_at <= $3)
                      or (status = 'sending' and claimed_until <= $3))
      returning $columns`,
    [id, new Date(nowMs + CLAIM_MS), now],
  );
  if (!notification) return null;
  const { recipient, refusedBy } = notification;
  for (const via of channels) {
    const address = refusedBy.includes(via.key) ? null : via.channel.addressOf(recipient);
    if (address === null) continue;
    await tx.query(
      `insert into notification_attempt (tenant_id, notification_id, attempt, channel, address, started_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [tx.tenantId, id, notification.attempts, via.name, address, now],
    );
    return { notification, via, address };
  }
  const end = giveUp(notification, channels);
  await tx.query(
    `update notification set status = $2, reason = $3, attempts = attempts - 1, claimed_until = null where id = $1`,
    [id, end.gaveUp, end.reason],
  );
  return end;
}

function giveUp({ recipient, refusedBy, reason }: Notification, channels: readonly UsableChannel[]): GivenUp {
  if (refusedBy.length > 0) return { gaveUp: 'dead', reason: reason ?? 'every channel refused it' };
  const why =
    channels.length === 0
      ? 'no notification channel is configured; set SMTP_URL or add a channel'
      : `no channel reaches ${recipient.name}, who has ${recipient.email ? 'an e-mail address that is not valid' : 'no e-mail address'}`;
  return { gaveUp: 'undeliverable', reason: why };
}
