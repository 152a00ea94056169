import { ConfigError } from '../../platform/index.ts';
import type { SmtpSettings } from './smtp.ts';

const TLS_MODES = ['required', 'opportunistic'] as const;

/**
 * Reads `SMTP_URL`: `smtps://user:password@host` (TLS from the start) or `smtp://host:587?tls=required`. With a
 * password, plain SMTP demands STARTTLS unless `tls=opportunistic` says otherwise.
 *
 * @throws {ConfigError} that never holds the URL, because it may hold a password
 */
export function parseSmtpUrl(text: string, from: string): { settings: SmtpSettings; password: string | undefined } {
  const url = new URL(text);
  const unknown = [...url.searchParams.keys()].filter((key) => key !== 'tls');
  if (unknown.length > 0) throw new ConfigError([`SMTP_URL: unknown option ${unknown.join(', ')}; only tls is known`]);
  const implicit = url.protocol === 'smtps:';
  const user = url.username === '' ? undefined : decodeURIComponent(url.username);
  const password = url.password === '' ? undefined : decodeURIComponent(url.password);
  const wanted = url.searchParams.get('tls') ?? (password === undefined ? 'opportunistic' : 'required');
  const mode = TLS_MODES.find((m) => m === wanted);
  if (!mode) throw new ConfigError([`SMTP_URL: tls must be ${TLS_MODES.join(' or ')}`]);
  const settings: SmtpSettings = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (implicit ? 465 : 587) : Number(url.port),
    tls: implicit ? 'implicit' : mode,
    user,
    from,
  };
  return { settings, password };
}
