/** One row of an error table: the HTTP status and the sentence that tells the reader what to do. */
export interface ErrorRow<P> {
  readonly status: number;
  readonly message: (params: P) => string;
}

/** What may accompany an error: the offending field, structured detail for the client, and the cause for the log. */
export interface ErrorContext {
  field?: string;
  detail?: unknown;
  cause?: unknown;
}

/** Every error that a person may see: a stable code, an HTTP status and a sentence without secrets. */
export class FaultlineError extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly detail: unknown;

  constructor(code: string, status: number, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'FaultlineError';
    this.code = code;
    this.status = status;
    this.field = context.field;
    this.detail = context.detail;
  }
}

type AnyRows = Record<string, ErrorRow<never>>;
type Thrower<R> = R extends ErrorRow<infer P> ? (params: P, context?: ErrorContext) => FaultlineError : never;
export type ErrorTable<T extends AnyRows> = { readonly [K in keyof T]: Thrower<T[K]> };

const known = new Map<string, { status: number }>();

/**
 * Declares the errors of one part. A code names one meaning across the product, so declaring it twice is a fault of
 * the program.
 *
 * @example
 * const errors = defineErrors({
 *   DEVICE_UNKNOWN: { status: 404, message: (p: { device: string }) => `No device ${p.device}; register it first.` },
 * });
 * throw errors.DEVICE_UNKNOWN({ device: 'pump-3' }, { field: 'device' });
 */
export function defineErrors<T extends AnyRows>(rows: T): ErrorTable<T> {
  const table: Record<string, (params: never, context?: ErrorContext) => FaultlineError> = {};
  for (const [code, row] of Object.entries(rows)) {
    if (known.has(code)) throw new Error(`error code ${code} is declared twice`);
    known.set(code, { status: row.status });
    table[code] = (params, context) => new FaultlineError(code, row.status, row.message(params), context);
  }
  return table as ErrorTable<T>;
}

/** All declared codes with their status, for the documentation. */
export function declaredErrors(): ReadonlyMap<string, { status: number }> {
  return known;
}

/** The text of anything thrown, for a log line or a stored reason. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
