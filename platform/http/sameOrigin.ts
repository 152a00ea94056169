import type { FastifyRequest } from 'fastify';
import { httpErrors } from './errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !SAFE.has(method);
}

/**
 * Refuses a request that a page of another site may have caused. Browsers set these headers themselves and scripts
 * cannot change them; a request with neither does not come from a current browser's page and has no use for a cookie.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function demandSameOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) {
    if (site !== 'same-origin') throw httpErrors.CROSS_ORIGIN({});
    return;
  }
  const { origin } = request.headers;
  if (origin === undefined || !URL.canParse(origin) || new URL(origin).host !== request.host) {
    throw httpErrors.CROSS_ORIGIN({});
  }
}
