import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

describe('history over HTTP', () => {
  let http: CmdbOverHttp;
  beforeAll(async () => {
    http = await cmdbOverHttp();
  });
  afterAll(() => http.stop());

  it('answers as of, differs, judges a past failure, verifies, and shows nothing sensitive', async () => {
    const tenantId = randomUUID();
    const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, role = 'admin') =>
      http.send(method, path, body, { tenantId, role });
    await send('POST', '/import', {
      cis: [
        { key: 'db', type: 'database' },
        { key: 'shop', type: 'business_service' },
        { key: 'deal', type: 'contract', attributes: { costPerYear: 4711, number: 'A' } },
      ],
      relations: [{ from: 'shop', type: 'DEPENDS_ON', to: 'db' }],
    });
    await send('PATCH', '/cis/deal', { attributes: { costPerYear: 4712, number: 'B' } });
    await send('DELETE', '/cis/db');
    expect((await send('GET', '/as-of/cis/db?at=3')).body.error.code).toBe('CMDB_CI_UNKNOWN_THEN');
    expect((await send('GET', '/as-of/cis/db?at=tomorrow')).status).toBe(400);
    const stood = await send('GET', '/as-of/cis/db?at=2');
    expect(stood.body).toMatchObject({ version: '2', ci: { key: 'db' }, relations: [{ type: 'DEPENDS_ON' }] });
    expect(stood.body.cis).toHaveLength(2);
    const failed = [{ ci: 'db' }];
    const past = await send('POST', '/as-of/impact', { at: '2', failed });
    expect(past.body).toMatchObject({ graphVersion: '2', services: [{ key: 'shop', state: 'down' }] });
    expect((await send('POST', '/as-of/impact', { at: '3', failed })).body.error.code).toBe('CMDB_CI_UNKNOWN_THEN');
    const items = [];
    for (let cursor = ''; ; ) {
      const { body } = await send('GET', `/diff?from=1&limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(body).toMatchObject({ from: '1', to: '3' });
      items.push(...body.items);
      if (body.nextCursor === null) break;
      cursor = body.nextCursor;
    }
    expect(items).toHaveLength(3);
    const changed = items.find((item) => item.change === 'changed');
    expect(changed).toMatchObject({ kind: 'ci', key: 'deal' });
    expect(changed.fields.map((one: { field: string }) => one.field).sort()).toEqual([
      'attributes.costPerYear',
      'attributes.number',
    ]);
    expect(items.find((item) => item.kind === 'relation')).toMatchObject({
      ...{ change: 'removed', key: 'shop', otherKey: 'db', relationType: 'DEPENDS_ON' },
    });
    for (const path of ['/diff?from=0', '/diff?from=1', '/as-of/cis/deal?at=1']) {
      expect(JSON.stringify((await send('GET', path)).body)).toContain('471');
      expect(JSON.stringify((await send('GET', path, undefined, 'viewer')).body)).not.toContain('471');
    }
    const audit = await send('GET', '/audit');
    expect(audit.body).toMatchObject({ broken: null, links: 3, whole: true, last: { version: '3' } });
    await http.pg.asOwner(`update cmdb_change set reason = 'none' where tenant_id = $1 and version = 2`, [tenantId]);
    expect((await send('GET', '/audit')).body.broken).toMatchObject({ version: '2', problem: 'content' });
    expect((await send('GET', '/audit', undefined, 'viewer')).status).toBe(403);
  });
});
