import type { App } from './application.ts';
import { httpErrors } from './errors.ts';

/** Deeper JSON has no use here and makes recursive consumers overflow their stack. */
export const MAX_JSON_DEPTH = 32;

/**
 * Reads JSON bodies, and nothing else unless a part adds a parser. What `JSON.parse` lets through and no consumer
 * expects is refused here once: `__proto__` keys, endless nesting, numbers that overflow to Infinity (`1e999`).
 */
export function registerBodies(app: App): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addHook('onRequest', async (request) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') throw httpErrors.MEDIA_TYPE({ given: encoding });
  });
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string;
    // Many clients name a type even when they send nothing, as with DELETE.
    if (text === '') return done(null, undefined);
    if (depthOf(text) > MAX_JSON_DEPTH) return done(httpErrors.JSON_TOO_DEEP({ limit: MAX_JSON_DEPTH }));
    parse(request, text, (error, parsed) => {
      if (error) return done(httpErrors.JSON_MALFORMED({ reason: error.message }, { cause: error }));
      const path = nonFinitePath(parsed);
      if (path) return done(httpErrors.JSON_NOT_FINITE({ path }, { field: path }));
      done(null, parsed);
    });
  });
}

/** The deepest nesting of brackets outside strings; one pass, without parsing. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}

/** Where the first number that is not finite stands, such as `samples.3.value`; null when all are. */
export function nonFinitePath(value: unknown, path = 'body'): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (value === null || typeof value !== 'object') return null;
  for (const [key, child] of Object.entries(value)) {
    if (typeof child !== 'number' && typeof child !== 'object') continue;
    const found = nonFinitePath(child, path === 'body' ? key : `${path}.${key}`);
    if (found) return found;
  }
  return null;
}
