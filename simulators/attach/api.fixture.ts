import { createServer } from 'node:http';
import { Api } from './api.ts';

/** An HTTP server that answers each path (without its query) with what the test says, as JSON. */
export async function startTestApi(answer: (path: string, query: URLSearchParams) => unknown) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://test');
    const body = answer(pathname, searchParams);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { code: 'NOT_FOUND', message: `no ${pathname}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    api: new Api(`http://127.0.0.1:${port}`),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
