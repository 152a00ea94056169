import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import { type Clock, type Egress, reasonOf } from '../../platform/index.ts';
import type { OutgoingMessage } from '../message.ts';
import { type Channel, DeliveryError, refusalIn } from './channel.ts';

export interface WebhookSettings {
  readonly url: string;
}

export const SIGNATURE_HEADER = 'faultline-signature';
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
const MAX_BODY_BYTES = 256 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Posts messages as JSON to a program that passes them on. Never follows a redirect: it would lead around the check of
 * the destination.
 */
export function createWebhookChannel(
  settings: WebhookSettings,
  deps: { clock: Clock; egress: Egress; secret: string },
): Channel {
  const url = checkWebhookUrl(settings.url, deps.egress);
  const agent = new Agent({
    connect: { lookup: deps.egress.lookup, timeout: CONNECT_MS },
    connections: 8,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  return {
    addressOf: () => url.origin,
    send: async (message, signal) => {
      const body = JSON.stringify(bodyOf(message));
      if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
        throw new DeliveryError(`the message is larger than ${MAX_BODY_BYTES} bytes`, { permanent: true });
      }
      let status: number;
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Faultline',
            'faultline-delivery': message.id,
            [SIGNATURE_HEADER]: sign(deps.secret, Math.floor(deps.clock.nowMs() / 1000), body),
          },
          body,
        });
        status = answer.statusCode;
        await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal });
      } catch (error) {
        throw toDeliveryError(error);
      }
      if (status >= 200 && status < 300) return;
      // What these say may change by itself; everything else below 500 speaks of this very message or address.
      const permanent = status < 500 && ![408, 425, 429].includes(status);
      const why = status >= 300 && status < 400 ? ', a redirect, which is not followed' : '';
      throw new DeliveryError(`the receiver answered ${status}${why}`, { permanent });
    },
    close: async () => {
      if (!agent.closed) await agent.close();
    },
  };
}

/**
 * The destination of a webhook, checked as far as it can be without asking DNS.
 *
 * @throws {DeliveryError} permanent; {EgressRefused}
 */
export function checkWebhookUrl(text: string, egress: Egress): URL {
  const refuse = (reason: string): never => {
    throw new DeliveryError(reason, { permanent: true });
  };
  if (!URL.canParse(text)) return refuse('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse('it must start with https://');
  if (url.username !== '' || url.password !== '') refuse('it must not hold a user or password; use the secret instead');
  egress.checkHost(url.hostname);
  if (url.protocol === 'http:' && !egress.isAllowListed(url.hostname)) {
    refuse('http:// is for hosts in WEBHOOK_ALLOW only; use https://');
  }
  return url;
}

/**
 * `t=<Unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`. The receiver computes the same with the shared secret,
 * compares in constant time and refuses an old t.
 */
export function sign(secret: string, unixSeconds: number, body: string): string {
  return `t=${unixSeconds},v1=${createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex')}`;
}

function bodyOf(message: OutgoingMessage) {
  const { id, template, locale, subject, text, link, recipient, params, requestedAt, attempt } = message;
  return { id, template, locale, subject, text, link, recipient, params, requestedAt, attempt };
}

function toDeliveryError(error: unknown): DeliveryError {
  const refusal = refusalIn(error);
  if (refusal) return refusal;
  const { code } = error as { code?: string };
  return new DeliveryError(`the receiver cannot be reached: ${code ? `${code}: ` : ''}${reasonOf(error)}`, {
    permanent: false,
    cause: error,
  });
}
