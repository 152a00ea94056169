import type { X509Certificate } from 'node:crypto';

/** Of a URI in the subject's alternative names; for names that do not fit in 64 characters, or are not plain. */
const URI_PREFIX = 'URI:urn:faultline:device:';

/**
 * The device that a certificate stands for, `{tenant}/{device}`: from an alternative name
 * `urn:faultline:device:{tenant}/{device}` (percent-encoded), else from the subject's one common name.
 * Null when there is none, or more than one: nobody should have to guess.
 */
export function nameInCertificate({ subject, subjectAltName }: X509Certificate): string | null {
  const uris = deviceUris(subjectAltName);
  if (uris === null || uris.length > 1) return null;
  if (uris.length === 1) return plain(decode(uris[0]!));
  const commonNames = (subject ?? '').split('\n').filter((line) => line.startsWith('CN='));
  return commonNames.length === 1 ? plain(commonNames[0]!.slice('CN='.length)) : null;
}

/** Quoted entries hold characters that could be taken for other entries: such a certificate is not read at all. */
function deviceUris(alternativeNames: string | undefined): string[] | null {
  if (alternativeNames === undefined) return [];
  if (alternativeNames.includes('"')) return null;
  return alternativeNames
    .split(', ')
    .filter((entry) => entry.startsWith(URI_PREFIX))
    .map((entry) => entry.slice(URI_PREFIX.length));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function plain(name: string): string | null {
  return /^[^/\\\p{C}]+\/[^/\\\p{C}]+$/u.test(name) ? name : null;
}
