import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { SMTPServer } from 'smtp-server';
import { type Mail, readMail } from './mail.ts';

/** A mail server on this machine that delivers to nobody: it keeps what it is given. */
export interface Mailbox {
  /** `smtp://127.0.0.1:port` */
  url: string;
  mails: readonly Mail[];
  /** Called with every mail from now on. */
  onMail(listener: (mail: Mail) => void): void;
  stop(): Promise<void>;
}

const MAX_BYTES = 5 * 1024 * 1024;

/** Starts a real SMTP server on the loopback address; port 0 picks a free one. */
export async function startMailbox(port = 0): Promise<Mailbox> {
  const mails: Mail[] = [];
  const listeners: ((mail: Mail) => void)[] = [];
  const server = new SMTPServer({
    authOptional: true,
    // Looking the sender's name up would hold the greeting back, and nobody reads it.
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    size: MAX_BYTES,
    onAuth: (_auth, _session, callback) => callback(null, { user: 'anyone' }),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', callback);
      stream.on('end', () => {
        if (stream.sizeExceeded) {
          callback(Object.assign(new Error('the mail is too large'), { responseCode: 552 }));
          return;
        }
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const mail = { from, to, receivedAtMs: Date.now(), ...readMail(Buffer.concat(chunks)) };
        mails.push(mail);
        for (const listener of listeners) listener(mail);
        callback();
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.on('error', () => undefined);
  const { port: actualPort } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${actualPort}`,
    mails,
    onMail: (listener) => void listeners.push(listener),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const mailbox = await startMailbox(Number(process.env.PORT ?? 1025));
  console.log(`Mail is collected at ${mailbox.url}; nothing is delivered. Ctrl-C ends.`);
  mailbox.onMail(({ to, subject, text }) => console.log(`\n── to ${to.join(', ')}: ${subject}\n${text.trim()}`));
}
