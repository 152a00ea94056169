import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { z } from 'zod';
import { type App, defineErrors } from '../platform/index.ts';

const BUILT = new URL('./dist/', import.meta.url).pathname;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** The page loads its own script and styles, and calls this server; nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

const consoleErrors = defineErrors({
  CONSOLE_NOT_BUILT: {
    status: 404,
    message: () => 'The console has not been built here: run `npm run console` once, then start again.',
  },
});

interface Asset {
  body: Buffer;
  type: string;
}

/** The built files, read once: no path of a request ever reaches the disk. */
function readBuilt(directory: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  let entries: string[] = [];
  try {
    entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return assets; // not built
  }
  for (const entry of entries) {
    const type = TYPES[extname(entry)];
    if (type) assets.set(relative('.', entry), { body: readFileSync(join(directory, entry)), type });
  }
  return assets;
}

/** Serves the console's page at `/console/`; what it shows, it asks the API for, as whoever has signed in. */
export function consoleRoutes(directory: string = BUILT): (app: App) => void {
  const assets = readBuilt(directory);
  const schema = { tags: ['console'], response: { 200: z.any() } };
  return (app) => {
    app.route({
      method: 'GET',
      url: '/',
      config: { public: true },
      schema: { tags: ['console'], summary: 'To the console', response: { 302: z.null() } },
      handler: async (_request, reply) => reply.redirect('/console/'),
    });
    app.route({
      method: 'GET',
      url: '/console/*',
      config: { public: true },
      schema: { ...schema, summary: 'The console’s page and its files', params: z.object({ '*': z.string() }) },
      handler: async ({ params }, reply) => {
        const wanted = params['*'];
        const asset = assets.get(wanted);
        // Every other path is a page of the console: its script finds out which.
        const served = asset ?? (wanted.startsWith('assets/') ? undefined : assets.get('index.html'));
        if (!served) throw consoleErrors.CONSOLE_NOT_BUILT({});
        return reply
          .header('content-security-policy', POLICY)
          .header(
            'cache-control',
            asset && wanted.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
          )
          .type(served.type)
          .send(served.body);
      },
    });
  };
}
