import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Paths whose values are never written, whoever logs them. */
const REDACTED = ['password', 'secret', 'token', 'authorization', 'cookie', 'headers.authorization', 'headers.cookie'];

/** The structured log: one JSON object a line on standard output, secrets replaced. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: undefined,
    redact: { paths: REDACTED.flatMap((path) => [path, `*.${path}`]), censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination ? pino(options, destination) : pino(options);
}
