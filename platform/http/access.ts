import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Permission } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import type { App, HttpLimits } from './application.ts';
import { httpErrors } from './errors.ts';
import { demandSameOrigin, isUnsafe } from './sameOrigin.ts';

/** What a route demands: a permission, or `self` for what everybody signed in may do with their own account. */
export type RoutePermission = Permission | 'self';

/** One route as declared, for the documentation and for the test that walks them all. */
export interface RouteAccess {
  method: string;
  url: string;
  permission: RoutePermission | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Each route declares exactly one of `permission` and `public`; the application does not start otherwise. */
    permission?: RoutePermission;
    public?: true;
  }
  interface FastifyRequest {
    /** Who asks; on a public route there is nobody to ask for, and reading it is a fault of the program. */
    readonly principal: Principal;
  }
  interface FastifyInstance {
    readonly routeAccess: readonly RouteAccess[];
  }
}

export const SESSION_COOKIE = 'faultline_session';
export const DOCS_PREFIX = '/docs';

const principals = new WeakMap<FastifyRequest, Principal>();

/** The one place that decides who may call what: identification, rate limits, cross-origin guard, permission. */
export async function registerAccess(app: App, authenticate: Authenticate, limits: HttpLimits): Promise<void> {
  const declared: RouteAccess[] = [];
  app.decorate('routeAccess', declared);
  app.decorateRequest('principal', {
    getter(this: FastifyRequest) {
      const principal = principals.get(this);
      if (!principal) throw new Error(`${this.routeOptions.url} is public and has no principal`);
      return principal;
    },
  });
  app.addHook('onRoute', (route) => {
    if (isDocumentation(route)) route.config = { ...route.config, public: true };
    const permission = declaredAccess(route);
    for (const method of [route.method].flat()) declared.push({ method, url: route.url, permission });
  });

  await app.register(rateLimit, { global: false, cache: 50_000 });
  const anonymous = app.createRateLimit({ max: limits.anonymousPerMinute, timeWindow: 60_000 });
  const known = app.createRateLimit({
    max: limits.principalPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.principal.credential.id,
  });
  // A person clicks once or twice; whoever does more with a link has found it somewhere.
  const linked = app.createRateLimit({
    max: limits.linkPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.principal.credential.id,
  });
  const spend = async (limit: typeof anonymous, request: FastifyRequest, increment = true): Promise<void> => {
    const state = await limit(request, { increment });
    if (state.isAllowed || !state.isExceeded) return;
    const waitSeconds = Math.max(1, state.ttlInSeconds);
    throw httpErrors.RATE_LIMITED({ waitSeconds }, { detail: { retryAfterSeconds: waitSeconds } });
  };

  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (request.is404 || config.public) return spend(anonymous, request);
    const credential = credentialOf(request);
    if (credential) {
      // An address that has used up its guesses is not even looked up.
      await spend(anonymous, request, false);
      const principal = await authenticate(credential.secret);
      if (principal) {
        principals.set(request, principal);
        await spend(principal.credential.kind === 'link' ? linked : known, request);
        if (credential.cookie && (isUnsafe(request.method) || isUpgrade(request))) demandSameOrigin(request);
        return demandPermission(principal, config.permission!);
      }
    }
    await spend(anonymous, request);
    throw httpErrors.UNAUTHENTICATED({});
  });
}

function declaredAccess(route: RouteOptions): RoutePermission | null {
  const { permission, public: open } = route.config ?? {};
  const name = `${[route.method].flat().join(',')} ${route.url}`;
  if ((permission === undefined) === (open === undefined)) {
    throw new Error(`${name} must declare either config.permission or config.public`);
  }
  const schema = (route.schema ?? {}) as {
    hide?: boolean;
    summary?: string;
    tags?: readonly string[];
    response?: unknown;
  };
  if (!isDocumentation(route) && !(schema.summary && schema.tags?.length && schema.response)) {
    throw new Error(`${name} must declare schema.summary, schema.tags and schema.response for the documentation`);
  }
  return permission ?? null;
}

/** The documentation brings its own routes, which cannot declare anything; it is open to everybody. */
function isDocumentation(route: RouteOptions): boolean {
  return route.url === DOCS_PREFIX || route.url.startsWith(`${DOCS_PREFIX}/`);
}

function credentialOf(request: FastifyRequest): { secret: string; cookie: boolean } | null {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const bearer = /^bearer +(\S+)$/i.exec(header);
    return bearer ? { secret: bearer[1]!, cookie: false } : null;
  }
  const secret = request.cookies[SESSION_COOKIE];
  return secret ? { secret, cookie: true } : null;
}

/** A WebSocket's handshake is a GET, yet a page of any site may open one with our cookie, and read what comes back. */
function isUpgrade(request: FastifyRequest): boolean {
  return request.headers.upgrade !== undefined;
}

function demandPermission(principal: Principal, permission: RoutePermission): void {
  const may = permission === 'self' ? principal.credential.kind !== 'link' : principal.permissions.has(permission);
  if (!may) throw httpErrors.FORBIDDEN({ permission });
}
