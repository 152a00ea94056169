import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { systemClock } from '../../../platform/index.ts';
import { InfluxConnection } from './connection.ts';

test('lines are compressed on the way to another machine, and sent as they are to this one', async () => {
  const taken: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    taken.push({ headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  const lines = Buffer.from('reading,device=a,point=t value=1 1\n'.repeat(100));
  // 127.0.0.2 is this machine as well, and does not look like it.
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const settings = { url: `http://${host}:${port}`, org: 'o', token: 't' };
    const connection = new InfluxConnection(settings, systemClock());
    await connection.write('b', lines);
    await connection.close();
  }
  server.close();
  const [near, far] = taken;
  expect(near!.headers['content-encoding']).toBeUndefined();
  expect(near!.body).toEqual(lines);
  expect(far!.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(far!.body)).toEqual(lines);
  expect(far!.body.length).toBeLessThan(lines.length / 5);
});
