import { createHash, randomBytes } from 'node:crypto';

const PREFIX = { session: 'fls_', token: 'flt_', link: 'fll_' } as const;
export type CredentialKind = keyof typeof PREFIX;

const BODY = /^[A-Za-z0-9_-]{43}$/;

/** A new bearer secret of 256 random bits. Its prefix tells what it is to a person and to secret scanners. */
export function newSecret(kind: CredentialKind): string {
  return PREFIX[kind] + randomBytes(32).toString('base64url');
}

/** What a presented secret claims to be; null when it cannot be one of ours, so that no query is spent on it. */
export function kindOfSecret(secret: string): CredentialKind | null {
  for (const kind of ['session', 'token', 'link'] as const) {
    if (secret.startsWith(PREFIX[kind]) && BODY.test(secret.slice(PREFIX[kind].length))) return kind;
  }
  return null;
}

/**
 * The form in which a secret is kept. A plain hash is enough: 256 random bits cannot be guessed, so stretching would
 * only slow down the rightful bearer.
 */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
