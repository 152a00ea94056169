import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

/** The application that routes are added to: fastify with the zod type provider. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface HttpLimits {
  /** Requests a minute from one address that carry no valid credential: logins, guesses, probes, unknown paths. */
  anonymousPerMinute: number;
  /** Requests a minute of one session or token. */
  principalPerMinute: number;
  /** Requests a minute of one link of a message. */
  linkPerMinute: number;
  bodyBytes: number;
}
