import { z } from 'zod';

/** Languages that every template exists in. */
export const MESSAGE_LOCALES = ['en', 'zh-CN'] as const;
export type MessageLocale = (typeof MESSAGE_LOCALES)[number];

/** Whom a message is for. `ref` names the same person in every request: a user's or a CI's id. */
export const recipientSchema = z.object({
  name: z.string().min(1).max(200),
  email: z.string().max(320).optional(),
  phone: z.string().max(40).optional(),
  locale: z.string().max(35),
  ref: z.string().min(1).max(200),
});
export type Recipient = z.infer<typeof recipientSchema>;

/** What a part asks for: the words, the channel and the retries are ours. */
export interface MessageRequest {
  readonly recipient: Recipient;
  readonly template: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A second request of the same key for the same recipient is the same message, and is not sent again. */
  readonly dedupeKey: string;
  /** A path of this server, or an http(s) address. */
  readonly link?: string | undefined;
  /**
   * A path or address by which the recipient answers without signing in. It is as good as a password: kept sealed, shown
   * in the message alone.
   */
  readonly answerLink?: string | undefined;
}

/**
 * How far a message has come.
 * - pending: asked for, nobody has tried yet
 * - sending: being handed to a channel; after a crash nobody knows whether it arrived, so it is sent again
 * - retrying: the last attempt failed, the next one is due at a known time
 * - sent: a channel has taken it over
 * - dead: given up, the reason is recorded; it can be sent again by hand
 * - undeliverable: no channel reaches the recipient
 */
export const STATUSES = ['pending', 'sending', 'retrying', 'sent', 'dead', 'undeliverable'] as const;
export type Status = (typeof STATUSES)[number];

/** A message in words, ready for any channel. */
export interface RenderedMessage {
  readonly locale: MessageLocale;
  /** One line, no control characters. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a channel is given to hand over. */
export interface OutgoingMessage extends RenderedMessage {
  /** The same for every attempt, so that a receiver can drop a repeat. */
  readonly id: string;
  readonly recipient: Recipient;
  readonly template: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Absolute where the server's public address is known. */
  readonly link: string | null;
  readonly requestedAt: Date;
  /** 1 for the first. */
  readonly attempt: number;
}

/** The language a recipient reads, from any language tag; English where we have nothing closer. */
export function messageLocale(tag: string): MessageLocale {
  return tag.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

/** What the link by which a message is answered is sealed with: it opens for this message alone. */
export const answerLinkOf = (notificationId: string): string => `answer link of ${notificationId}`;
