import { connect } from 'node:net';
import { createTransport, type Transporter } from 'nodemailer';
import { type Egress, reasonOf } from '../../platform/index.ts';
import type { OutgoingMessage } from '../message.ts';
import { oneLine } from '../templates/render.ts';
import { type Channel, DeliveryError, refusalIn } from './channel.ts';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /**
   * - implicit: TLS from the first byte (smtps, usually port 465)
   * - required: STARTTLS or nothing
   * - opportunistic: STARTTLS if the server offers it
   */
  readonly tls: 'implicit' | 'required' | 'opportunistic';
  readonly user?: string | undefined;
  /** `Name <address>` */
  readonly from: string;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;

/** Mail over a pool of connections to one server; certificates are always verified. */
export function createSmtpChannel(
  settings: SmtpSettings,
  deps: {
    password?: string | undefined;
    /** Absent for the server that the operator configured, who may well run it on the loopback address. */
    egress?: Egress | undefined;
  },
): Channel {
  const domain = /@([^>\s]+)/.exec(settings.from)?.[1] ?? 'faultline.invalid';
  const { egress } = deps;
  let transport: Transporter | undefined;
  const open = () =>
    createTransport({
      pool: true,
      maxConnections: 5,
      // A lost connection is reported to us instead of being retried there: one place counts attempts.
      maxRequeues: 0,
      host: settings.host,
      port: settings.port,
      secure: settings.tls === 'implicit',
      requireTLS: settings.tls === 'required',
      ...(settings.user !== undefined && { auth: { user: settings.user, pass: deps.password ?? '' } }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(egress && { getSocket: guardedSocket(settings, egress) }),
    });

  return {
    addressOf: (recipient) => (recipient.email && isMailAddress(recipient.email) ? recipient.email : null),
    send: async (message, signal) => {
      transport ??= open();
      try {
        await transport.sendMail({ ...mailOf(message, settings.from, domain), signal });
      } catch (error) {
        throw toDeliveryError(error);
      }
    },
    close: async () => transport?.close({ force: true }),
  };
}

function mailOf(message: OutgoingMessage, from: string, domain: string) {
  return {
    from,
    to: { name: oneLine(message.recipient.name), address: message.recipient.email! },
    subject: message.subject,
    text: message.text,
    html: message.html,
    // The same for every attempt: after a crash in mid-conversation the server may know the message and drop the repeat.
    messageId: `<${message.id}@${domain}>`,
    date: message.requestedAt,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Faultline-Notification': message.id },
  };
}

/** One plain address: nothing that a header or an envelope would read as more than that. */
function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s<>()[\],;:\\"@\p{Cc}]{1,64}@[^\s<>()[\],;:\\"@\p{Cc}]+$/u.test(text);
}

type SocketCallback = (error: Error | null, options?: { connection: ReturnType<typeof connect> }) => void;

function guardedSocket(settings: SmtpSettings, egress: Egress) {
  return (_options: unknown, callback: SocketCallback) => {
    try {
      egress.checkHost(settings.host);
    } catch (error) {
      return callback(error as Error);
    }
    const socket = connect({ host: settings.host, port: settings.port, lookup: egress.lookup });
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('no connection in time')));
    socket.once('error', callback);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', callback);
      callback(null, { connection: socket });
    });
  };
}

/** Refusals of the sender's or recipient's address or of the message itself, as opposed to trouble with the server. */
const ABOUT_THE_MESSAGE = new Set(['EENVELOPE', 'EMESSAGE']);

function toDeliveryError(error: unknown): DeliveryError {
  const { code, permanent } = error as { code?: string; permanent?: boolean };
  const refusal = refusalIn(error);
  if (refusal) return refusal;
  return new DeliveryError(`the mail server did not take it: ${oneLine(reasonOf(error))}`, {
    permanent: permanent === true && ABOUT_THE_MESSAGE.has(code ?? ''),
    cause: error,
  });
}
