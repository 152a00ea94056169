import { EgressRefused } from '../../platform/index.ts';
import type { OutgoingMessage, Recipient } from '../message.ts';

/**
 * A way to reach people. Leaves out: what happens to a message after it was taken over (bounces, reading), replies,
 * attachments, choosing whom to tell and when to try again.
 */
export interface Channel {
  /** Where the recipient is reached through this channel; null when they are not. */
  addressOf(recipient: Recipient): string | null;
  /**
   * Hands one message over. Safe to call many times at once.
   *
   * @throws {DeliveryError} when the message was not taken over, or when nobody can tell
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Why a channel did not take a message over, in words without secrets. */
export class DeliveryError extends Error {
  /** The same message to the same address will be refused again. */
  readonly permanent: boolean;

  constructor(reason: string, options: { permanent: boolean; cause?: unknown }) {
    super(reason.slice(0, 500), { cause: options.cause });
    this.name = 'DeliveryError';
    this.permanent = options.permanent;
  }
}

/** What of an error is a refusal already, by a channel or of the address that it was to reach; null for any other. */
export function refusalIn(error: unknown): DeliveryError | null {
  for (const one of [error, (error as { cause?: unknown }).cause]) {
    if (one instanceof DeliveryError) return one;
    if (one instanceof EgressRefused) return new DeliveryError(one.message, { permanent: true, cause: one });
  }
  return null;
}
