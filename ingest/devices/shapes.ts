import { z } from 'zod';
import { DEVICE_KINDS, DEVICE_NAME } from './identity.ts';
import { TYPE_KEY } from './types/deviceType.ts';

export const deviceName = z
  .string()
  .regex(DEVICE_NAME, 'letters and digits, then also . _ : - ; at most 63 characters');
const intervalMs = z.number().int().positive().max(2_147_483_647);

/** What is said about a device at its registration. */
export const newDevice = z.strictObject({
  name: deviceName,
  kind: z.enum(DEVICE_KINDS).default('device'),
  type: z.string().regex(TYPE_KEY).optional().describe('Key of its device type'),
  gateway: deviceName.optional().describe('Name of the gateway that publishes for this device'),
  description: z.string().max(500).optional(),
  expectedIntervalMs: intervalMs.optional().describe('How often it sends'),
});

export const deviceChange = z.strictObject({
  type: z.string().regex(TYPE_KEY).nullable().optional(),
  gateway: deviceName.nullable().optional(),
  description: z.string().max(500).nullable().optional(),
  expectedIntervalMs: intervalMs.nullable().optional(),
});

/** The only answer that holds a secret. */
export const issued = z.object({
  id: z.uuid(),
  name: z.string(),
  username: z.string().describe('MQTT user name'),
  secret: z.string().describe('MQTT password; shown only now'),
});
