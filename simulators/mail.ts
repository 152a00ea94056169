/** A mail as it came over SMTP, with what a person would read of it. */
export interface Mail {
  /** Envelope addresses: who really sent and received it. */
  from: string;
  to: string[];
  receivedAtMs: number;
  subject: string;
  /** The first text/plain part, decoded. */
  text: string;
  raw: string;
}

interface Part {
  headers: Map<string, string>;
  body: string;
}

/** Reads subject and plain text of an RFC 5322 message: MIME parts, base64, quoted-printable, encoded words; UTF-8. */
export function readMail(bytes: Buffer): Pick<Mail, 'subject' | 'text' | 'raw'> {
  const raw = bytes.toString('latin1');
  const message = split(raw);
  return {
    subject: decodeWords(message.headers.get('subject') ?? ''),
    text: plainText(message),
    raw: bytes.toString(),
  };
}

function split(message: string): Part {
  const end = message.search(/\r?\n\r?\n/);
  const head = end < 0 ? message : message.slice(0, end);
  const body = end < 0 ? '' : message.slice(end).replace(/^\r?\n\r?\n/, '');
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body };
}

function plainText(part: Part): string {
  const type = part.headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary) {
    const pieces = part.body.split(`--${boundary}`).slice(1, -1);
    return pieces.map((piece) => plainText(split(piece.replace(/^\r?\n/, '')))).find((text) => text !== '') ?? '';
  }
  if (!/^text\/plain/i.test(type)) return '';
  const encoding = part.headers.get('content-transfer-encoding')?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString();
  if (encoding === 'quoted-printable') return quotedPrintable(part.body.replace(/=\r?\n/g, ''));
  return Buffer.from(part.body, 'latin1').toString();
}

function quotedPrintable(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** RFC 2047; blanks between two encoded words are not part of the text. */
function decodeWords(header: string): string {
  const joined = Buffer.from(header, 'latin1')
    .toString()
    .replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?[^?]+\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : quotedPrintable(text.replaceAll('_', ' ')),
  );
}
