import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { alertmanagerNotification } from '../../cmdb/health/notifications.fixture.ts';
import { type Composed, composed } from './composed.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
let system: Composed;
beforeAll(async () => {
  system = await composed();
}, 120_000);
afterAll(() => system?.stop());

interface OrderRow {
  id: string;
  kind: string;
  state: string;
  assetName: string;
}
const orders = async () => (await system.api.get<{ items: OrderRow[] }>('/api/v1/work-orders')).items;

test('a notification of Alertmanager opens one incident of the cause, tells the owner, and its end closes it', async () => {
  await system.api.post('/api/v1/cmdb/import', {
    cis: [
      { key: 'shop', type: 'business_service', name: 'Shop', attributes: { criticality: 1, users: 900 } },
      { key: 'olga', type: 'person', name: 'Olga', attributes: { email: 'olga@plant.example' } },
      { key: 'web1', type: 'server' },
      { key: 'switch1', type: 'network_device' },
    ],
    relations: [
      { from: 'shop', type: 'DEPENDS_ON', to: 'web1' },
      { from: 'web1', type: 'CONNECTED_TO', to: 'switch1' },
      { from: 'shop', type: 'OWNED_BY', to: 'olga', attributes: { role: 'accountable' } },
    ],
  });
  const mapping = await system.api.get<object>('/api/v1/cmdb/alert-mappings/alertmanager');
  await system.api.put('/api/v1/cmdb/alert-mappings/alertmanager', { ...mapping, recoveryMinutes: 0 });
  const told = (status: 'firing' | 'resolved') =>
    alertmanagerNotification(
      ['web1', 'switch1'].map((instance) => ({
        ...{ status, fingerprint: instance, startsAt: '2026-11-22T08:00:00Z', endsAt: '2026-11-22T08:07:00Z' },
        labels: { alertname: 'InstanceDown', severity: 'critical', instance: `${instance}:9100` },
      })),
    );
  await system.api.post('/api/v1/cmdb/alerts/alertmanager', told('firing'));
  const [incident] = await vi.waitFor(async () => {
    const open = await orders();
    expect(open).toMatchObject([{ kind: 'incident', assetName: 'switch1' }]);
    return open;
  }, PATIENCE);
  const messages = async () =>
    (await system.asOwner<{ template: string }>('select template from notification')).map(({ template }) => template);
  await vi.waitFor(async () => expect(await messages()).toContain('impact-owner'), PATIENCE);

  await system.api.post('/api/v1/cmdb/alerts/alertmanager', told('resolved'));
  await vi.waitFor(async () => {
    expect(await orders()).toMatchObject([{ id: incident!.id, state: 'closed' }]);
    expect(await messages()).toContain('order-closed');
  }, PATIENCE);
});

test('an incident follows its CI when that turns out to be another one, and ends when monitoring says so', async () => {
  const server = (key: string, attributes = {}) => ({ key, type: 'server', name: 'Twin', attributes });
  const numbered = { serialNumber: 'S-7' };
  for (const one of [server('spare'), server('twin', numbered), server('spare', numbered)]) {
    await system.api.post('/api/v1/cmdb/import', { cis: [one] });
  }
  const idOf = async (key: string) => (await system.api.get<{ id: string }>(`/api/v1/cmdb/cis/${key}`)).id;
  const [twin, spare] = [await idOf('twin'), await idOf('spare')];
  const alert = (status: 'firing' | 'resolved') =>
    alertmanagerNotification([
      {
        ...{ status, fingerprint: 'merged', startsAt: '2026-11-22T09:00:00Z', endsAt: '2026-11-22T09:07:00Z' },
        labels: { alertname: 'InstanceDown', severity: 'critical', instance: 'twin' },
      },
    ]);
  await system.api.post('/api/v1/cmdb/alerts/alertmanager', alert('firing'));
  const ofServer = async () => (await orders()).filter(({ assetName }) => assetName === 'Twin');
  await vi.waitFor(async () => expect(await ofServer()).toMatchObject([{ assetId: twin }]), PATIENCE);
  const { items } = await system.api.get<{ items: { id: string }[] }>('/api/v1/cmdb/duplicates?state=open');
  await system.api.post(`/api/v1/cmdb/duplicates/${items[0]!.id}/merge`, { keep: 'spare' });
  await vi.waitFor(async () => expect(await ofServer()).toMatchObject([{ assetId: spare }]), PATIENCE);
  await system.api.post('/api/v1/cmdb/alerts/alertmanager', alert('resolved'));
  await vi.waitFor(async () => expect(await ofServer()).toMatchObject([{ state: 'closed' }]), PATIENCE);
});
