import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manualClock } from '../../platform/clock/manualClock.ts';
import type { Tx } from '../../platform/index.ts';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';
import { workEnds } from '../maintenance/workedOn.ts';
import { spellings } from './matchCis.ts';
import { alertmanagerNotification } from './notifications.fixture.ts';
import { receiveAlerts } from './receiveAlerts.ts';
import { prometheusAlerts, prometheusNotification } from './sources/prometheus.ts';

const clock = manualClock();
let http: CmdbOverHttp;
beforeAll(async () => {
  http = await cmdbOverHttp(clock);
});
afterAll(() => http.stop());

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 8, minutes)).toISOString();
type Told = Parameters<typeof alertmanagerNotification>[0][number];

/** A tenant with a shop on a web server, and a database that two CIs share the name of. */
async function plant() {
  const tenantId = randomUUID();
  const send = (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) =>
    http.send(method, path, body, { tenantId });
  await send('POST', '/import', {
    cis: [
      { key: 'shop', type: 'business_service', attributes: { criticality: 1 } },
      { key: 'web1', type: 'server', name: 'Web One' },
      { key: 'db1', type: 'database', name: 'orders' },
      { key: 'db2', type: 'database', name: 'orders' },
      { key: 'room', type: 'building' },
    ],
    relations: [
      { from: 'shop', type: 'DEPENDS_ON', to: 'web1' },
      { from: 'web1', type: 'PART_OF', to: 'room' },
    ],
  });
  const tell = (...alerts: Told[]) => send('POST', '/alerts/alertmanager', alertmanagerNotification(alerts));
  const ill = async () =>
    Object.fromEntries(
      (await send('GET', '/health')).body.cis.map((ci: { key: string; state: string }) => [ci.key, ci.state]),
    );
  const events = async () =>
    http.pg.asOwner<{ type: string; payload: Record<string, unknown>; due: Date | null }>(
      `select e.type, e.payload from event e where e.tenant_id = $1 and e.type <> 'GraphChanged' order by e.id`,
      [tenantId],
    );
  return { tenantId, send, tell, ill, events };
}

const down = (over: Partial<Told> = {}): Told => ({
  fingerprint: 'f1',
  labels: { alertname: 'InstanceDown', severity: 'critical', instance: 'web1.plant.example:9100' },
  startsAt: at(0),
  ...over,
});

describe('alerts of Alertmanager', () => {
  test('set the state of the CI that they name, raise one failure, and take it back', async () => {
    const { tell, ill, events, send } = await plant();
    const first = await tell(down());
    expect(first.body).toMatchObject({ received: 1, matched: 1, unmatched: [] });
    expect(first.body.changed).toMatchObject([{ key: 'web1', from: 'ok', to: 'down' }]);
    expect((await tell(down())).body.changed).toEqual([]);
    expect(await ill()).toEqual({ web1: 'down' });
    const verdict = await send('POST', '/impact', { failed: [{ ci: 'db1', state: 'down' }] });
    expect(verdict.body.healthVersion).not.toBe('0');

    await tell(down({ status: 'resolved', endsAt: at(5) }));
    expect(await ill()).toEqual({});
    expect((await events()).map(({ type }) => type)).toEqual(['CiFailed', 'CiRecoveryDue']);
    const [failed] = await events();
    expect(failed!.payload).toMatchObject({
      ciKey: 'web1',
      state: 'down',
      summary: { en: 'Web One is down: Instance down (alertmanager)' },
      sinceMs: Date.parse(at(0)),
    });
  });

  test('late and doubled news changes nothing', async () => {
    const { tell, ill } = await plant();
    await tell(down({ status: 'resolved', startsAt: at(0), endsAt: at(5) }));
    await tell(down({ startsAt: at(0) }));
    expect(await ill()).toEqual({});
    await tell(down({ startsAt: at(9) }));
    await tell(down({ status: 'resolved', startsAt: at(0), endsAt: at(5) }));
    expect(await ill()).toEqual({ web1: 'down' });
  });

  test('the worst alert counts, and one that worsens is told once more', async () => {
    const { tell, ill, events } = await plant();
    const slow = { alertname: 'Slow', severity: 'warning', instance: 'web1' };
    await tell(
      down({ fingerprint: 'slow', labels: slow }),
      down({ fingerprint: 'note', labels: { ...slow, severity: 'info' } }),
    );
    expect(await ill()).toEqual({ web1: 'degraded' });
    await tell(down());
    expect(await ill()).toEqual({ web1: 'down' });
    await tell(down({ status: 'resolved', endsAt: at(5) }));
    expect(await ill()).toEqual({ web1: 'degraded' });
    await tell(down({ startsAt: at(6) }));
    expect((await events()).map(({ type }) => type)).toEqual(['CiFailed', 'CiWorsened']);
  });

  test('one that flaps is one failure; one that stays well for two minutes is over', async () => {
    const { tell, events, tenantId } = await plant();
    const recover = async (failure: Record<string, unknown>) => {
      const [consumer] = http.cmdb.consumers;
      const event = { id: randomUUID(), tenantId, occurredAtMs: clock.nowMs(), payload: failure };
      await http.pg.db.tenant(tenantId, (tx) => consumer!.handle(tx, [event]));
    };
    await tell(down());
    await tell(down({ status: 'resolved', endsAt: at(5) }));
    await clock.advance(60_000);
    await tell(down({ startsAt: at(6) }));
    await clock.advance(60_000);
    const due = (await events()).filter(({ type }) => type === 'CiRecoveryDue');
    await recover(due[0]!.payload);
    await tell(down({ status: 'resolved', endsAt: at(7) }));
    const [again] = (await events()).filter(({ type }) => type === 'CiRecoveryDue').slice(-1);
    await recover(again!.payload);
    await recover(again!.payload);
    const all = await events();
    expect(all.map(({ type }) => type)).toEqual(['CiFailed', 'CiRecoveryDue', 'CiRecoveryDue', 'CiRecovered']);
    expect(new Set(all.map(({ payload }) => payload.failureId)).size).toBe(1);
  });

  test('a failure during work on the CI is told when the work should be over', async () => {
    const { send, tenantId } = await plant();
    const end = new Date(clock.nowMs() + 3_600_000);
    await send('POST', '/maintenance-windows', {
      ...{ ciId: 'room', reason: 'new cooling' },
      ...{ from: new Date(clock.nowMs() - 1000).toISOString(), to: end.toISOString() },
    });
    const published: { name: string; dueAtMs: number | undefined }[] = [];
    const outbox = {
      publish: () => Promise.reject(new Error('failures are told in one go')),
      publishAll: async (
        _tx: Tx,
        type: { name: string },
        payloads: readonly unknown[],
        options?: { dueAtMs?: number },
      ) =>
        payloads.map(() => {
          published.push({ name: type.name, dueAtMs: options?.dueAtMs });
          return randomUUID();
        }),
    };
    const alerts = prometheusAlerts(prometheusNotification.parse(alertmanagerNotification([down()])));
    await http.pg.db.tenant(tenantId, (tx) => receiveAlerts({ clock, outbox }, tx, 'alertmanager', alerts));
    expect(published).toEqual([{ name: 'CiFailed', dueAtMs: end.getTime() }]);
    const ends = await http.pg.db.tenant(tenantId, async (tx) => {
      const { rows } = await tx.query<{ id: string }>("select id from cmdb_ci where key = 'web1'");
      return workEnds(tx, [rows[0]!.id], new Date(clock.nowMs()));
    });
    expect([...ends.values()]).toEqual([end]);
  });

  test('an alert without a CI says why, and finds one when the mapping is mended', async () => {
    const { send, tell, ill } = await plant();
    const answer = await tell(
      down({ fingerprint: 'a', labels: { alertname: 'X', severity: 'critical' }, summary: 'no label' }),
      down({ fingerprint: 'b', labels: { severity: 'critical', instance: 'Orders:5432' }, summary: 'two of a name' }),
      down({ fingerprint: 'c', labels: { severity: 'critical', rack: 'web1' }, summary: 'another label' }),
    );
    expect(answer.body).toMatchObject({ matched: 0, changed: [] });
    const why = Object.fromEntries(
      answer.body.unmatched.map((one: { title: string; why: string }) => [one.title, one.why]),
    );
    expect(why['no label']).toContain('none of the labels ci, ci_key');
    expect(why['two of a name']).toBe('2 CIs are named Orders');
    expect((await send('GET', '/alerts?matched=false&firing=true')).body.items).toHaveLength(3);
    const mapping = (await send('GET', '/alert-mappings/alertmanager')).body;
    const mended = await send('PUT', '/alert-mappings/alertmanager', { ...mapping, ciLabels: ['rack', 'instance'] });
    expect(mended.body.changed).toMatchObject([{ key: 'web1', to: 'down' }]);
    expect(await ill()).toEqual({ web1: 'down' });
  });

  test('what is no notification is refused with the field, and a viewer may not tell alerts', async () => {
    const { send, tenantId } = await plant();
    const wrong = await send('POST', '/alerts/grafana', {
      status: 'firing',
      alerts: [{ status: 'odd', startsAt: at(0) }],
    });
    expect(wrong.status).toBe(400);
    expect(wrong.body.error.field).toContain('alerts');
    const viewer = await http.send('POST', '/alerts/alertmanager', alertmanagerNotification([down()]), {
      ...{ tenantId, role: 'viewer' },
    });
    expect(viewer.status).toBe(403);
  });
});

test('events of Zabbix: a problem, its recovery by the problem’s id, a message of the media type', async () => {
  const { tenantId, ill } = await plant();
  const zabbix = (text: string) =>
    http.app.inject({
      method: 'POST',
      url: '/api/v1/cmdb/alerts/zabbix',
      headers: { authorization: `Bearer ${tenantId}|admin`, 'content-type': 'application/x-ndjson' },
      payload: text,
    });
  const problem = {
    ...{
      clock: 1_790_000_000,
      ns: 5_000_000,
      value: 1,
      eventid: 42,
      name: 'Zabbix agent is not available',
      severity: 4,
    },
    ...{
      hosts: [{ host: 'web1', name: 'Web One' }],
      groups: ['Linux servers'],
      tags: [{ tag: 'scope', value: 'availability' }],
    },
  };
  const other = { ...problem, eventid: 43, severity: 2, hosts: [{ host: 'db1', name: 'orders' }] };
  const taken = await zabbix(`${JSON.stringify(problem)}\n${JSON.stringify(other)}\n`);
  expect(taken.json()).toMatchObject({ received: 2, matched: 2 });
  expect(await ill()).toEqual({ web1: 'down', db1: 'degraded' });
  await zabbix(JSON.stringify({ clock: 1_790_000_060, ns: 0, value: 0, eventid: 44, p_eventid: 42 }));
  expect(await ill()).toEqual({ db1: 'degraded' });
  const message = {
    event_id: '50',
    event_value: '1',
    event_nseverity: '5',
    event_name: 'High load',
    host_host: 'web1',
  };
  await zabbix(JSON.stringify({ ...message, event_tags: '{EVENT.TAGSJSON}' }));
  expect(await ill()).toEqual({ db1: 'degraded', web1: 'down' });
  await clock.advance(1000);
  await zabbix(JSON.stringify({ ...message, event_value: '0' }));
  expect(await ill()).toEqual({ db1: 'degraded' });
  const wrong = await zabbix('{"clock": 1}');
  expect(wrong.json().error).toMatchObject({ code: 'CMDB_ALERT_LINE' });
});

test('a label may be a key, an address, a URL or a full host name', () => {
  expect(spellings('web1')).toEqual(['web1']);
  expect(spellings('web1.plant.example:9100')).toEqual(['web1.plant.example:9100', 'web1.plant.example', 'web1']);
  expect(spellings('https://shop.example/health?x=1')).toContain('shop.example');
  expect(spellings('10.0.0.5:9100')).toEqual(['10.0.0.5:9100', '10.0.0.5']);
  expect(spellings('[fe80::1]:9100')).toContain('fe80::1');
  expect(spellings(undefined)).toEqual([]);
});

describe('CIs that turn out to be one', () => {
  const gone = down({ labels: { ...down().labels, instance: 'web2' }, fingerprint: 'f2' });
  /** Two servers with one serial number, and the task to make one of them. */
  async function pair() {
    const site = await plant();
    const serial = { serialNumber: 'S-1' };
    await site.send('POST', '/import', { cis: [{ key: 'web2', type: 'server', attributes: serial }] });
    await site.send('POST', '/import', { cis: [{ key: 'web1', type: 'server', attributes: serial }] });
    const [task] = (await site.send('GET', '/duplicates')).body.items;
    const merge = () => site.send('POST', `/duplicates/${task.id}/merge`, { keep: 'web1' });
    const merged = async () => (await site.events()).filter(({ type }) => type === 'CiMerged');
    return { ...site, merge, merged };
  }

  test('hand a failure over to the one that is kept, with its alerts and its end', async () => {
    const { tell, ill, merge, merged, send, events, tenantId } = await pair();
    await tell(gone);
    expect((await merge()).status).toBe(200);
    expect(await ill()).toEqual({ web1: 'down' });
    const [{ id: keptId }] = [(await send('GET', '/cis/web1')).body];
    expect((await merged()).map(({ payload }) => payload)).toMatchObject([
      { goneKey: 'web2', keptKey: 'web1', keptId, by: 'the admin', failure: null },
    ]);
    expect((await send('GET', '/alerts')).body.items).toMatchObject([{ ciId: keptId }]);
    // Monitoring goes on to call it by its former key.
    await tell({ ...gone, summary: 'still' });
    expect(await ill()).toEqual({ web1: 'down' });
    await tell({ ...gone, status: 'resolved', endsAt: at(5) });
    const due = (await events()).filter(({ type }) => type === 'CiRecoveryDue');
    expect(due).toHaveLength(1);
    await http.pg.db.tenant(tenantId, (tx) =>
      http.cmdb.consumers
        .find(({ name }) => name === 'cmdb.recovery')!
        .handle(tx, [{ id: randomUUID(), payload: due[0]!.payload, occurredAt: new Date() } as never]),
    );
    expect((await events()).at(-1)).toMatchObject({ type: 'CiRecovered', payload: { ciId: keptId } });
  });

  test('have one failure where both were failing, in the worse of both states', async () => {
    const { tell, ill, merge, merged, events } = await pair();
    const mild = { ...down().labels, severity: 'warning' };
    await tell(down({ labels: mild }), gone);
    const failed = (await events()).filter(({ type }) => type === 'CiFailed').map(({ payload }) => payload);
    const idOf = (key: string) => failed.find(({ ciKey }) => ciKey === key)!.failureId;
    await merge();
    expect(await ill()).toEqual({ web1: 'down' });
    expect((await merged())[0]!.payload).toMatchObject({
      failure: { endedId: idOf('web2'), goesOnAsId: idOf('web1') },
    });
    expect((await events()).filter(({ type }) => type === 'CiWorsened')).toMatchObject([
      { payload: { failureId: idOf('web1'), state: 'down' } },
    ]);
  });
});
