/** A refusal by the API, with the words that it gave. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  /** What the message speaks of, for whoever says it otherwise. */
  readonly detail: unknown;

  constructor(status: number, code: string, message: string, field?: string, detail?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
    this.detail = detail;
  }
}

/**
 * Calls the API as whoever is signed in (the session travels in a cookie that no script can read), or as the bearer of the
 * secret of a message's link.
 */
export async function api<T>(
  path: string,
  options: { method?: string; body?: unknown; secret?: string } = {},
): Promise<T> {
  const response = await fetch(`/api/v1${path}`, {
    method: options.method ?? 'GET',
    credentials: 'same-origin',
    ...requestOf(options),
  }).catch(() => {
    throw new ApiError(0, 'UNREACHABLE', '');
  });
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const { code, message, field, detail } = (answer as { error?: Refusal })?.error ?? {
    code: 'UNREACHABLE',
    message: '',
  };
  throw new ApiError(response.status, code, message, field, detail);
}

interface Refusal {
  code: string;
  message: string;
  field?: string;
  detail?: unknown;
}

/** Forms travel as they are, with a boundary that the browser makes up; everything else as JSON. */
function requestOf({ body, secret }: { body?: unknown; secret?: string }): RequestInit {
  const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  if (body === undefined) return { headers };
  if (body instanceof FormData) return { headers, body };
  return { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
}

/** A point's key as a part of a path. */
export function pathOf(pointKey: string): string {
  return pointKey.split('/').map(encodeURIComponent).join('/');
}

/** A text that the platform gives in both languages. */
export interface Said {
  en: string;
  zh: string;
}

export interface Me {
  name: string;
  locale: string;
  tenant: { slug: string; name: string };
  permissions: string[];
}

export interface LedgerTerms {
  accepted: number;
  stored: number;
  duplicate: number;
  pending: number;
  quarantined: number;
  expired: number;
}

export type LedgerHour = LedgerTerms & { hour: string };
export type DeviceTerms = LedgerTerms & { device: string };
export type Ledger = LedgerTerms & { balanced: boolean };

export interface Spool {
  spoolId: string;
  host: string;
  reportedAt: string;
  diskBytes: number;
  limitBytes: number;
  full: boolean;
  fullReason: string | null;
  waitingBytes: number;
  feedWaitingBytes: number;
  intakeBytesPerSecond: number;
  drainBytesPerSecond: number;
  hoursIfStoreStops: number | null;
  hoursUntilFull: number | null;
  secondsUntilDrained: number | null;
  heldSince: string | null;
  heldReason: string | null;
}

export interface Reason {
  reasonCode: string;
  entries: number;
  units: number;
  devices: number;
  firstReceivedAt: string;
  lastReceivedAt: string;
  example: { id: string; device: string; field: string | null; reason: string };
}

export interface QuarantinedMessage {
  id: string;
  device: string;
  topic: string;
  reasonCode: string;
  field: string | null;
  reason: string;
  units: number;
  payloadBytes: number;
  receivedAt: string;
  payloadText: string | null;
  payloadBase64: string;
  payloadCut: boolean;
}

export interface Replay {
  id: string;
  reasonCode: string | null;
  finishedAt: string | null;
  entries: number;
  done: number;
  stored: number;
  duplicate: number;
  remaining: number;
}
