import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock } from '../../platform/clock/manualClock.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';

const clock = manualClock();
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

/** A shop on two web servers of which one must be up, both on one switch, and a mail service on a server of its own. */
async function plant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST', path: string, body?: unknown) => http.send(method, path, body, { tenantId });
  const depend = (from: string, to: string, group?: string) => ({
    from,
    type: 'DEPENDS_ON',
    to,
    redundancy_group: group,
  });
  const imported = await send('POST', '/import', {
    cis: [
      { key: 'shop', type: 'business_service', attributes: { criticality: 1, costPerHour: 900, users: 40 } },
      { key: 'mail', type: 'business_service', attributes: { criticality: 3, costPerHour: 100, users: 7 } },
      ...['web1', 'web2', 'post'].map((key) => ({ key, type: 'server' })),
      { key: 'switch', type: 'network_device' },
    ],
    relations: [
      depend('shop', 'web1', 'web'),
      depend('shop', 'web2', 'web'),
      ...['web1', 'web2'].map((web) => depend(web, 'switch')),
      depend('mail', 'post'),
    ],
  });
  expect(imported.status).toBe(200);
  return send;
}

test('the next loss that takes a service down depends on what has failed', async () => {
  const send = await plant();
  const keys = async (body: unknown) => {
    const answer = await send('POST', '/next-losses', body);
    return answer.body.alreadyDown ? 'down' : answer.body.losses.map((loss: { key: string }) => loss.key);
  };
  expect(await keys({ ci: 'shop' })).toEqual(['switch']);
  expect((await keys({ ci: 'shop', failed: [{ ci: 'web2' }] })).sort()).toEqual(['switch', 'web1']);
  expect(await keys({ ci: 'shop', failed: [{ ci: 'switch' }] })).toBe('down');
  const unknown = await send('POST', '/next-losses', { ci: 'nobody' });
  expect(unknown.body.error).toMatchObject({ code: 'CMDB_CI_UNKNOWN', field: 'ci' });
});

test('single points of failure are found, and found again after a change', async () => {
  const send = await plant();
  const first = await send('GET', '/single-points-of-failure');
  expect(first.body).toMatchObject({ graphVersion: '1', done: 6, total: 6 });
  expect(first.body.points.map((point: { key: string }) => point.key)).toEqual(['switch', 'post']);
  await send('POST', '/cis', { key: 'post2', type: 'server' });
  await clock.advance(250); // a projection is looked at again after 200 ms
  const relation = { from: 'mail', type: 'DEPENDS_ON', to: 'post2' };
  await send('POST', '/import', { relations: [relation] });
  await clock.advance(250);
  const second = await send('GET', '/single-points-of-failure?limit=2');
  expect(second.body).toMatchObject({ graphVersion: '3', total: 7 });
  expect(second.body.points.map((point: { key: string }) => point.key)).toEqual(['switch', 'post']);
});

test('alarms are traced back to what explains them', async () => {
  const send = await plant();
  const alarms = [{ ci: 'web1' }, { ci: 'web2' }, { ci: 'mail' }];
  const { body } = await send('POST', '/root-causes', { alarms });
  expect(body.causes[0]).toMatchObject({ key: 'switch', silent: 1 }); // the shop, a service like the mail, is silent
  const together = body.together.map((cause: { key: string }) => cause.key);
  expect(together).toHaveLength(2);
  expect(together).toContain('switch');
  expect((await send('POST', '/root-causes', { alarms: [{ ci: 'nobody' }] })).body.error.field).toBe('alarms');
});
