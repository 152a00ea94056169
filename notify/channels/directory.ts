import { type Clock, type Egress, reasonOf, type Sealer, type Tx } from '../../platform/index.ts';
import { type Channel, DeliveryError } from './channel.ts';
import { createSmtpChannel } from './smtp.ts';
import { listChannels, type StoredChannel, sealContext } from './store.ts';
import { createWebhookChannel } from './webhook.ts';

/** The mail server that the operator configured for all tenants. A tenant's channel of a lower rank goes before it. */
export const PLATFORM_CHANNEL = { key: 'platform', name: 'mail server', rank: 100 } as const;

/** A channel that can be used now. `key` names it in the records: its id, or `platform`. */
export interface UsableChannel {
  readonly key: string;
  readonly name: string;
  readonly channel: Channel;
}

/** The channels of tenants as running things, connections included. */
export interface ChannelDirectory {
  /** The tenant's enabled channels and the operator's mail server, in the order in which they are tried. */
  usable(tx: Tx): Promise<UsableChannel[]>;
  /** One channel, enabled or not. One whose settings are no longer permitted refuses every message with the reason. */
  open(tenantId: string, stored: StoredChannel): Channel;
  close(): Promise<void>;
}

const MAX_OPEN = 200;

export function createChannelDirectory(deps: {
  clock: Clock;
  egress: Egress;
  sealer: Sealer;
  /** From `SMTP_URL`; null when there is none. */
  platform: Channel | null;
}): ChannelDirectory {
  const opened = new Map<string, Channel>();

  const build = (tenantId: string, stored: StoredChannel): Channel => {
    const { sealedSecret } = stored;
    const secret = sealedSecret === null ? '' : deps.sealer.open(sealedSecret, sealContext(tenantId, stored.id));
    switch (stored.kind) {
      case 'smtp':
        return createSmtpChannel(stored.settings, { password: secret, egress: deps.egress });
      case 'webhook':
        return createWebhookChannel(stored.settings, { clock: deps.clock, egress: deps.egress, secret });
      default:
        return stored satisfies never;
    }
  };

  const buildOrRefuse = (tenantId: string, stored: StoredChannel): Channel => {
    try {
      return build(tenantId, stored);
    } catch (error) {
      const refusal = new DeliveryError(reasonOf(error), { permanent: true, cause: error });
      return { addressOf: () => stored.name, send: () => Promise.reject(refusal), close: async () => undefined };
    }
  };

  const open = (tenantId: string, stored: StoredChannel): Channel => {
    const key = `${stored.id} ${stored.revision}`;
    const channel = opened.get(key) ?? buildOrRefuse(tenantId, stored);
    // Re-inserting keeps the map in order of use: the one unused for longest is closed first.
    opened.delete(key);
    opened.set(key, channel);
    if (opened.size > MAX_OPEN) {
      const [oldest, unused] = opened.entries().next().value!;
      opened.delete(oldest);
      void unused.close();
    }
    return channel;
  };

  return {
    open,
    usable: async (tx) => {
      const usable = (await listChannels(tx))
        .filter((stored) => stored.enabled)
        .map((stored) => ({ key: stored.id, ...stored, channel: open(tx.tenantId, stored) }));
      const all = deps.platform ? [...usable, { ...PLATFORM_CHANNEL, channel: deps.platform }] : usable;
      return all.sort((a, b) => a.rank - b.rank).map(({ key, name, channel }) => ({ key, name, channel }));
    },
    close: async () => {
      await Promise.all([...opened.values(), ...(deps.platform ? [deps.platform] : [])].map((c) => c.close()));
      opened.clear();
    },
  };
}
