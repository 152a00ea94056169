import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import websocket from '@fastify/websocket';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import { createSerializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import type { Authenticate } from '../auth/authenticate.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log/log.ts';
import { registerAccess } from './access.ts';
import type { App, HttpLimits } from './application.ts';
import { registerBodies } from './bodies.ts';
import { registerDocuments } from './documents.ts';
import { registerErrors, renderClientError } from './errorHandler.ts';
import { jsonReplacer } from './json.ts';
import { registerObservation } from './observation.ts';
import { probeRoutes, type Readiness } from './probes.ts';

const DEFAULT_LIMITS: HttpLimits = {
  anonymousPerMinute: 600,
  principalPerMinute: 120_000,
  linkPerMinute: 30,
  bodyBytes: 1024 * 1024,
};

export interface HttpDeps {
  log: Logger;
  metrics: Registry;
  authenticate: Authenticate;
  readiness: Readiness;
  version: string;
  /** Believe X-Forwarded-* of a reverse proxy in front (`TRUST_PROXY`). */
  trustProxy?: boolean;
  limits?: Partial<HttpLimits>;
}

/**
 * Makes the application with everything that all routes share; parts then add theirs:
 * `orderRoutes(deps)(app)`. It listens to nothing until `serveHttp` starts it; tests use `app.inject`.
 */
export async function createHttp(deps: HttpDeps): Promise<App> {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const app: App = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: deps.trustProxy ?? false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: 60_000,
    keepAliveTimeout: 20_000,
    routerOptions: { maxParamLength: 512 },
    genReqId: () => newId(),
    clientErrorHandler: renderClientError,
    frameworkErrors: (error, request, reply) => void app.errorHandler(error as never, request as never, reply as never),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(createSerializerCompiler({ replacer: jsonReplacer }));

  registerErrors(app, limits);
  registerObservation(app, deps.metrics);
  await app.register(helmet, { hsts: { maxAge: 31_536_000 }, contentSecurityPolicy: { directives: API_POLICY } });
  await app.register(cookie);
  registerBodies(app);
  // Before the access check: the socket of a refused upgrade is closed by a hook that must come first.
  await app.register(websocket, {
    options: { maxPayload: MAX_SOCKET_MESSAGE_BYTES },
    preClose: (done) => {
      for (const client of app.websocketServer.clients) client.close(GOING_AWAY, 'stopping');
      done();
    },
  });
  await registerAccess(app, deps.authenticate, limits);
  await registerDocuments(app, deps.version);
  probeRoutes(deps)(app);
  return app;
}

/** Sockets are there to be listened to: what a client may say on one is short. */
const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
/** RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;

/** Answers are data: nothing in them may run, load or be framed. The documentation page has a policy of its own. */
const API_POLICY = {
  'default-src': ["'none'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};
