import type { Sql } from '../../platform/index.ts';
import { unseal } from '../decode/sparkplug/envelope.ts';
import { sparkplugFormat } from '../decode/sparkplug/format.ts';
import { isBirth } from '../decode/sparkplug/types.ts';
import type { Message } from '../units.ts';
import { birthOf } from './birth.ts';
import { contentOf, resolveMessage } from './resolve.ts';
import { parseSparkplugTopic } from './topics.ts';

/**
 * A message that waited in quarantine for a birth certificate or for its device, looked at again by what is known now. Any
 * other message comes back as it is. A message for a device that has been registered since becomes that device's.
 */
export async function resolveHeld(tx: Sql, message: Message): Promise<Message> {
  if (message.format !== sparkplugFormat.name || message.vendorTopic === null) return message;
  const sealed = unseal(message.payload);
  const topic = parseSparkplugTopic(message.vendorTopic);
  if (!sealed?.resolved.held || topic === null) return message;
  const device = await deviceOf(tx, message.tenantId, topic.edge, topic.device);
  if (device === null) return message;
  const content = contentOf(sealed.payload);
  const kept = isBirth(topic.type) ? null : device.payload && contentOf(device.payload);
  const known = { type: topic.type, birth: kept && birthOf(kept), unknownDevice: null };
  const { record } = resolveMessage(known, sealed.payload, content);
  return { ...message, deviceId: device.id, deviceName: topic.device ?? topic.edge, payload: record };
}

interface PublishedFor {
  id: string;
  /** Its last birth certificate; null: none yet. */
  payload: Buffer | null;
}

async function deviceOf(tx: Sql, tenantId: string, edge: string, device: string | null): Promise<PublishedFor | null> {
  const { rows } = await tx.query<PublishedFor>(
    `select d.id, b.payload from device e
       join device d on d.tenant_id = e.tenant_id
         and case when $3::text is null then d.id = e.id else d.gateway_id = e.id and d.name = $3 end
       left join sparkplug_birth b on b.tenant_id = d.tenant_id and b.edge_id = e.id and b.device_id = d.id
     where e.tenant_id = $1 and e.name = $2`,
    [tenantId, edge, device],
  );
  return rows[0] ?? null;
}
