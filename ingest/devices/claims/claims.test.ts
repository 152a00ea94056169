import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeviceBed, deviceBed } from '../../../test/fixtures/devices.ts';
import { secretMatches } from '../index.ts';

let bed: DeviceBed;
beforeAll(async () => {
  bed = await deviceBed({ anonymousPerMinute: 50 });
  await bed.call('POST', '/device-types', { key: 'vs', name: 'VS' });
  await bed.call('POST', '/devices', { name: 'hub', kind: 'gateway' });
});
afterAll(() => bed.stop());

const make = async (wanted: object = {}): Promise<{ id: string; code: string }> =>
  (await bed.call('POST', '/device-claims', wanted)).body.items[0];
async function redeem(code: string, name: string, remoteAddress = '10.0.0.1') {
  const response = await bed.http.app.inject({
    ...{ method: 'POST', url: '/api/v1/claim', payload: { code, name }, remoteAddress },
  });
  return { status: response.statusCode, body: response.json() };
}

test('a device without credentials gets its own by a code, once; everything about it is in the history', async () => {
  const { id, code } = await make({ type: 'vs', gateway: 'hub', label: 'line 4' });
  const { status, body } = await redeem(code, 'sn-1');
  expect(status).toBe(201);
  expect(body).toMatchObject({ name: 'sn-1', username: 'default/sn-1' });
  const identity = await bed.find('default/sn-1');
  expect(secretMatches(Buffer.from(body.secret), identity!.secretHash!)).toBe(true);
  expect((await bed.call('GET', '/devices/sn-1')).body).toMatchObject({ type: 'vs', gateway: 'hub' });
  expect((await redeem(code, 'sn-2')).status).toBe(422);
  const { items } = (await bed.call('GET', `/device-claims/${id}/history`)).body;
  expect(items.map(({ action, source }: { action: string; source: string }) => [action, source])).toEqual([
    ['redeemed', '10.0.0.1'],
    ['created', '127.0.0.1'],
  ]);
  const list = await bed.call('GET', '/device-claims');
  expect(JSON.stringify(list.body)).not.toContain(code);
  expect(list.body.items[0]).toMatchObject({ id, uses: 1, maxUses: 1, label: 'line 4' });
  const kept = await bed.pg.asOwner<{ row: string }>('select device_claim::text as row from device_claim');
  expect(kept.map(({ row }) => row).join()).not.toContain(code);
});

test('a name that is taken does not use the code up', async () => {
  const { code } = await make();
  expect((await redeem(code, 'hub')).status).toBe(409);
  expect((await redeem(code, 'hub-2')).status).toBe(201);
});

test('of ten that redeem a code for three at once, three get in', async () => {
  const { code } = await make({ maxUses: 3 });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => redeem(code, `race-${i}`)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
});

test('an expired, a revoked and a forged code are refused alike', async () => {
  const [expired, revoked] = [await make({ expiresInMs: 60_000 }), await make()];
  await bed.call('POST', `/device-claims/${revoked.id}/revoke`);
  await bed.clock.advance(60_001);
  const answers = [];
  for (const code of [expired.code, revoked.code, `flc_${'x'.repeat(27)}`, "' or 1=1"])
    answers.push(await redeem(code, 'never', '10.0.0.2'));
  const said = answers.map(({ status, body }) => [status, (body.error ?? body).code]);
  expect(new Set(said.map(String))).toEqual(new Set(['422,CLAIM_REFUSED']));
  expect((await bed.call('GET', '/devices/never')).status).toBe(404);
});

test('an address that guesses is slowed down', async () => {
  const statuses = new Set<number>();
  for (let i = 0; i < 60 && !statuses.has(429); i++)
    statuses.add((await redeem(`flc_${i}`, 'guess', '10.0.0.3')).status);
  expect([...statuses]).toEqual([422, 429]);
});

test('another tenant can neither see nor revoke a code', async () => {
  const { id } = await make();
  expect((await bed.call('GET', '/device-claims', undefined, bed.http.other)).body.items).toEqual([]);
  expect((await bed.call('POST', `/device-claims/${id}/revoke`, undefined, bed.http.other)).status).toBe(404);
});
