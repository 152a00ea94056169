import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Clock, Timer } from '../clock/clock.ts';
import { defineErrors, reasonOf } from '../errors/errors.ts';
import type { Logger } from '../log/log.ts';

/** Files are written one after the other: the pair is read when nothing has changed for so long. */
const SETTLED_AFTER_MS = 500;
const DAY_MS = 86_400_000;

const tlsErrors = defineErrors({
  TLS_FILES: {
    status: 500,
    message: (p: { file: string; reason: string }) =>
      `The certificate ${p.file} cannot be used: ${p.reason}. Give a PEM certificate chain and the private key that belongs to it.`,
  },
});

export interface CertificatePaths {
  cert: string;
  key: string;
  /** Authorities whose client certificates are accepted. */
  ca?: string | undefined;
}

/** One state of the files, proved to fit together. */
export interface LoadedCertificate {
  cert: Buffer;
  key: Buffer;
  ca: Buffer | null;
  expiresAtMs: number;
}

/**
 * A certificate and its key in files, watched and read again when they change. What cannot be used is told and the last
 * good state stays in use: a broken renewal must not take the listener down.
 */
export class CertificateFiles {
  readonly #paths: CertificatePaths;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #listeners = new Set<(certificate: LoadedCertificate) => void>();
  readonly #watchers: FSWatcher[] = [];
  #current: LoadedCertificate;
  #reloadFailed = false;
  #settling: Timer | null = null;

  /** @throws TLS_FILES when the files are no good: there is nothing to go on with yet */
  constructor(paths: CertificatePaths, deps: { clock: Clock; log: Logger }) {
    this.#paths = paths;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#current = load(paths);
  }

  get current(): LoadedCertificate {
    return this.#current;
  }

  /** Whether the files now on disk could not be used, so that older ones are. */
  get reloadFailed(): boolean {
    return this.#reloadFailed;
  }

  daysLeft(): number {
    return (this.#current.expiresAtMs - this.#clock.nowMs()) / DAY_MS;
  }

  onChange(listener: (certificate: LoadedCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches the folders, not the files: renewals replace files, and orchestrators swap a link beside them. */
  start(): void {
    const folders = new Set(Object.values(this.#paths).flatMap((path) => (path === undefined ? [] : [dirname(path)])));
    for (const folder of folders) {
      const watcher = watch(folder, () => this.#settle());
      watcher.on('error', (error) =>
        this.#log.error(
          { folder, reason: error.message },
          'certificates are not watched any more; send SIGHUP instead',
        ),
      );
      this.#watchers.push(watcher);
    }
    if (this.daysLeft() < 0) this.#log.error({ file: this.#paths.cert }, 'the TLS certificate has expired; renew it');
  }

  stop(): void {
    this.#settling?.cancel();
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  /** Reads the files now. @returns whether they are in use */
  reload(): boolean {
    const file = this.#paths.cert;
    try {
      const next = load(this.#paths);
      if (next.expiresAtMs < this.#clock.nowMs()) throw new Error('it has expired');
      this.#reloadFailed = false;
      if (isSame(next, this.#current)) return true;
      this.#current = next;
      for (const listener of this.#listeners) listener(next);
      this.#log.info({ file, daysLeft: Math.floor(this.daysLeft()) }, 'a new TLS certificate is in use');
      return true;
    } catch (error) {
      this.#reloadFailed = true;
      this.#log.error({ file, reason: reasonOf(error) }, 'the new TLS certificate cannot be used; the old one stays');
      return false;
    }
  }

  #settle(): void {
    this.#settling?.cancel();
    this.#settling = this.#clock.setTimer(SETTLED_AFTER_MS, () => void this.reload());
  }
}

function load(paths: CertificatePaths): LoadedCertificate {
  try {
    const cert = readFileSync(paths.cert);
    const key = readFileSync(paths.key);
    const ca = paths.ca === undefined ? null : readFileSync(paths.ca);
    const leaf = new X509Certificate(cert);
    if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error('the private key belongs to another certificate');
    createSecureContext({ cert, key, ...(ca ? { ca } : {}) });
    return { cert, key, ca, expiresAtMs: leaf.validToDate.getTime() };
  } catch (error) {
    throw tlsErrors.TLS_FILES({ file: paths.cert, reason: reasonOf(error) }, { cause: error });
  }
}

function isSame(one: LoadedCertificate, other: LoadedCertificate): boolean {
  const sameCa = one.ca === null ? other.ca === null : other.ca !== null && one.ca.equals(other.ca);
  return sameCa && one.cert.equals(other.cert) && one.key.equals(other.key);
}
