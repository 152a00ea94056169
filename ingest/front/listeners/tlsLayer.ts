import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { CertificateFiles, LoadedCertificate } from '../../../platform/index.ts';
import { nameInCertificate } from './certificateName.ts';
import type { ListenerHost, Next } from './listener.ts';

export interface TlsOptions {
  certificates: CertificateFiles;
  /** With a client authority: whether a client without a certificate is refused, or asked for its password instead. */
  clientCertificate: 'required' | 'optional';
}

/** TLS 1.2 or newer above a socket. A new certificate is for new handshakes; those connected stay. */
export function tlsLayer(
  host: ListenerHost,
  { certificates, clientCertificate }: TlsOptions,
  next: Next,
): { take(socket: Socket): void; stop(): void } {
  const context = ({ cert, key, ca }: LoadedCertificate) => ({
    cert,
    key,
    ...(ca ? { ca } : {}),
    minVersion: 'TLSv1.2' as const,
    // A server that can be made to renegotiate can be made to work.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
  const server = createServer({
    ...context(certificates.current),
    requestCert: certificates.current.ca !== null,
    // Judged below, where the refusal is counted with its reason.
    rejectUnauthorized: false,
    handshakeTimeout: host.limits.connectTimeoutMs,
  });
  server.on('tlsClientError', (error, socket) => {
    host.refused('tls', error.message, socket.remoteAddress ?? '');
    socket.destroy();
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy());
    const found = judge(socket, certificates.current.ca === null ? 'unasked' : clientCertificate);
    if ('refused' in found) {
      host.refused('certificate', found.refused, socket.remoteAddress ?? '');
      socket.destroy();
    } else next(socket, found.name);
  });
  const stopListening = certificates.onChange((changed) => server.setSecureContext(context(changed)));
  return { take: (socket) => void server.emit('connection', socket), stop: stopListening };
}

function judge(
  socket: TLSSocket,
  clientCertificate: 'required' | 'optional' | 'unasked',
): { name: string | null } | { refused: string } {
  if (clientCertificate === 'unasked') return { name: null };
  const certificate = socket.getPeerX509Certificate();
  if (!certificate)
    return clientCertificate === 'optional' ? { name: null } : { refused: 'a client certificate is required here' };
  if (!socket.authorized) return { refused: `the client certificate is not good: ${socket.authorizationError}` };
  const name = nameInCertificate(certificate);
  return name === null
    ? { refused: 'the client certificate names no device: its CN must be {tenant}/{device}' }
    : { name };
}
