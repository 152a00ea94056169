import { newId, type Sealer, type Tx } from '../../platform/index.ts';
import { notifyErrors } from '../errors.ts';
import type { SmtpSettings } from './smtp.ts';
import type { WebhookSettings } from './webhook.ts';

/** A channel as its tenant configured it, without its secret. */
export type ChannelSettings =
  | { readonly kind: 'smtp'; readonly settings: SmtpSettings }
  | { readonly kind: 'webhook'; readonly settings: WebhookSettings };

export type StoredChannel = ChannelSettings & {
  readonly id: string;
  readonly name: string;
  /** Lower ranks are tried first; the operator's mail server has 100. */
  readonly rank: number;
  readonly enabled: boolean;
  /** Changes with every change: instances made from an older one are stale. */
  readonly revision: string;
  readonly sealedSecret: Buffer | null;
};

const COLUMNS = 'id, name, kind, settings, rank, enabled, revision, sealed_secret as "sealedSecret"';

/** The tenant's channels in the order in which they are tried. */
export async function listChannels(tx: Tx): Promise<StoredChannel[]> {
  const { rows } = await tx.query<StoredChannel>(`select ${COLUMNS} from notification_channel order by rank, name`);
  return rows;
}

/** @throws CHANNEL_UNKNOWN */
export async function getChannel(tx: Tx, id: string): Promise<StoredChannel> {
  const { rows } = await tx.query<StoredChannel>(`select ${COLUMNS} from notification_channel where id = $1`, [id]);
  if (!rows[0]) throw notifyErrors.CHANNEL_UNKNOWN({ id });
  return rows[0];
}

export type NewChannel = ChannelSettings & {
  readonly name: string;
  readonly rank: number;
  readonly enabled: boolean;
  readonly secret: string | null;
};

/** @throws CHANNEL_EXISTS */
export async function insertChannel(tx: Tx, sealer: Sealer, channel: NewChannel, now: Date): Promise<StoredChannel> {
  const id = newId();
  const sealed = channel.secret === null ? null : sealer.seal(channel.secret, sealContext(tx.tenantId, id));
  const { rows } = await tx.query<StoredChannel>(
    `insert into notification_channel (tenant_id, id, name, kind, settings, sealed_secret, rank, enabled, revision, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (tenant_id, name) do nothing returning ${COLUMNS}`,
    [
      tx.tenantId,
      id,
      channel.name,
      channel.kind,
      JSON.stringify(channel.settings),
      sealed,
      channel.rank,
      channel.enabled,
      newId(),
      now,
    ],
  );
  if (!rows[0]) throw notifyErrors.CHANNEL_EXISTS({ name: channel.name }, { field: 'name' });
  return rows[0];
}

/** @throws CHANNEL_UNKNOWN */
export async function changeChannel(
  tx: Tx,
  id: string,
  change: { enabled?: boolean | undefined; rank?: number | undefined },
): Promise<StoredChannel> {
  const { rows } = await tx.query<StoredChannel>(
    `update notification_channel set enabled = coalesce($2, enabled), rank = coalesce($3, rank), revision = $4
      where id = $1 returning ${COLUMNS}`,
    [id, change.enabled ?? null, change.rank ?? null, newId()],
  );
  if (!rows[0]) throw notifyErrors.CHANNEL_UNKNOWN({ id });
  return rows[0];
}

/** @throws CHANNEL_UNKNOWN */
export async function deleteChannel(tx: Tx, id: string): Promise<void> {
  const { rowCount } = await tx.query('delete from notification_channel where id = $1', [id]);
  if (rowCount === 0) throw notifyErrors.CHANNEL_UNKNOWN({ id });
}

/** Binds a sealed secret to its row. */
export function sealContext(tenantId: string, channelId: string): string {
  return `${tenantId}/${channelId}`;
}
