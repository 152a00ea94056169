import type { Clock, Database, Logger, Service } from '../../../platform/index.ts';
import type { DeviceLink } from '../link.ts';
import { createTeller, type Listening, TOLD_AT_ONCE } from '../teller.ts';
import { commandMessage } from './command.ts';
import { markSent } from './store.ts';

interface Waiting {
  tenant_id: string;
  slug: string;
  device: string;
  id: string;
}

const SELECT = `
  select c.tenant_id, t.slug, d.name as device, c.id from device_command c
    join tenant t on t.id = c.tenant_id join device d on d.tenant_id = c.tenant_id and d.id = c.device_id`;

export interface CommandSender extends Service {
  /** A command was confirmed in this process just now. */
  nudge(commandId: string): void;
}

/**
 * Sends what is confirmed, as long as it is worth sending, to the devices that listen at this process: twice a second
 * what was confirmed anywhere, and at once when a device begins to listen. Commands wait in the database only.
 */
export function createCommandSender(deps: {
  db: Database;
  clock: Clock;
  log: Logger;
  link: DeviceLink;
}): CommandSender {
  const { db, clock, log, link } = deps;
  /** Sent without waiting for the device's presence to be written. */
  const confirmedHere = new Set<string>();

  const send = async (waiting: Waiting, again: boolean): Promise<void> => {
    const { tenant_id: tenantId, slug, device, id } = waiting;
    if (!link.listens(slug, device, 'command')) return;
    const command = await db.tenant(tenantId, (tx) => markSent(tx, id, again, clock.nowMs()));
    if (command) await link.tell(slug, device, 'command', commandMessage(command), command.expiresAt.getTime());
  };

  const toBegun = async (devices: readonly Listening[]): Promise<void> => {
    if (devices.length === 0) return;
    const waiting = await db.as('auth', (sql) =>
      sql.query<Waiting>(
        `${SELECT} join unnest($2::text[], $3::text[]) k (slug, name) on k.slug = t.slug and k.name = d.name
          where c.state in ('confirmed', 'sent') and c.received_at is null and c.expires_at > $1 order by c.id`,
        [new Date(clock.nowMs()), devices.map(({ slug }) => slug), devices.map(({ device }) => device)],
      ),
    );
    for (const row of waiting.rows) await send(row, true);
  };

  const toConnected = async (): Promise<void> => {
    const known = [...confirmedHere];
    confirmedHere.clear();
    const waiting = await db.as('auth', (sql) =>
      sql.query<Waiting>(
        `${SELECT} where c.state = 'confirmed' and c.expires_at > $1 and (c.id = any($2::uuid[]) or exists (
           select from device_presence p where p.tenant_id = c.tenant_id and p.device_id in (d.id, d.gateway_id) and p.connected))
         order by c.id limit ${TOLD_AT_ONCE}`,
        [new Date(clock.nowMs()), known],
      ),
    );
    for (const row of waiting.rows) await send(row, false);
  };

  const teller = createTeller({
    ...{ clock, log, link, leaf: 'command', what: 'commands' },
    look: async (listening) => {
      await toBegun(listening);
      await toConnected();
    },
  });
  return {
    ...teller,
    nudge: (commandId) => {
      confirmedHere.add(commandId);
      teller.nudge();
    },
  };
}
