import type { Clock, Database, Logger, Service } from '../../../platform/index.ts';
import type { DeviceLink } from '../link.ts';
import { createTeller, type Listening, TOLD_AT_ONCE } from '../teller.ts';
import { getConfiguration } from './store.ts';

interface Target {
  tenant_id: string;
  slug: string;
  device: string;
  id: string;
}

const SELECT = `
  select c.tenant_id, t.slug, d.name as device, d.id from device_configuration c
    join tenant t on t.id = c.tenant_id join device d on d.tenant_id = c.tenant_id and d.id = c.device_id`;

/**
 * Sends devices their configuration: when one begins to listen, as a retained message would come, and when it has
 * changed. Only the newest version is ever sent.
 */
export function createConfigurationSender(deps: {
  db: Database;
  clock: Clock;
  log: Logger;
  link: DeviceLink;
}): Service {
  const { db, clock, log, link } = deps;

  const send = async ({ tenant_id: tenantId, slug, device, id }: Target): Promise<void> => {
    if (!link.listens(slug, device, 'config')) return;
    await db.tenant(tenantId, async (tx) => {
      const { version, desired } = await getConfiguration(tx, id);
      const payload = Buffer.from(JSON.stringify({ version, config: desired }));
      await link.tell(slug, device, 'config', payload, null);
      await tx.query('update device_configuration set sent_version = greatest(sent_version, $2) where device_id = $1', [
        id,
        version,
      ]);
    });
  };

  const look = async (listening: readonly Listening[]): Promise<void> => {
    const { rows } = await db.as('auth', (sql) =>
      sql.query<Target>(
        `${SELECT} join unnest($1::text[], $2::text[]) k (slug, name) on k.slug = t.slug and k.name = d.name
          where c.version > 0
         union ${SELECT} where c.version > c.sent_version and exists (
           select from device_presence p where p.tenant_id = c.tenant_id and p.device_id in (d.id, d.gateway_id) and p.connected)
         limit ${TOLD_AT_ONCE + listening.length}`,
        [listening.map(({ slug }) => slug), listening.map(({ device }) => device)],
      ),
    );
    for (const row of rows) await send(row);
  };

  return createTeller({ clock, log, link, leaf: 'config', what: 'configurations', look });
}
