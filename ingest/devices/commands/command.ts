import { z } from 'zod';

export const COMMAND_STATES = [
  'proposed',
  'rejected',
  'cancelled',
  'confirmed',
  'sent',
  'done',
  'failed',
  'expired',
  'timed_out',
] as const;
/**
 * proposed → confirmed → sent → done | failed. Not decided or not reached in time: expired; sent and not answered in
 * time: timed_out. A person may reject what is proposed and cancel what is not sent.
 */
export type CommandState = (typeof COMMAND_STATES)[number];

export const CONFIRMATIONS = ['none', 'anyone', 'another'] as const;
/** Who must confirm: nobody, anyone with the permission, or such a one other than the proposer. */
export type Confirmation = (typeof CONFIRMATIONS)[number];

export const commandKind = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,62}$/, 'small letters and digits, then also . _ - ; at most 63 characters');

/** A command as people see it. */
export interface DeviceCommand {
  id: string;
  device: string;
  kind: string;
  body: Record<string, unknown>;
  state: CommandState;
  confirmation: Confirmation;
  proposedAt: Date;
  proposedBy: string;
  decidedAt: Date | null;
  decidedBy: string | null;
  note: string | null;
  expiresAt: Date;
  sentAt: Date | null;
  /** How often it was sent: again after each reconnection until the device says that it has it. */
  sends: number;
  /** When the device said that it has the command. */
  receivedAt: Date | null;
  answeredAt: Date | null;
  answer: Record<string, unknown> | null;
}

/** What the device receives on its command topic: the body's fields, and these. */
export function commandMessage(command: Pick<DeviceCommand, 'id' | 'kind' | 'body' | 'expiresAt'>): Buffer {
  const { id, kind, body, expiresAt } = command;
  return Buffer.from(JSON.stringify({ ...body, id, command: kind, expiresAt: expiresAt.toISOString() }));
}

/** What a device sends back on its answer topic; further fields are kept with it. */
export const commandAnswer = z.looseObject({
  id: z.uuid(),
  status: z.enum(['received', 'done', 'failed']),
});
