import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../platform/index.ts';
import { type Bed, NOWHERE, service, testBed } from '../../test/fixtures/ticketing.ts';
import { readOrder } from './read.ts';

const SEES_ALL = { all: true, userId: null, email: null };
let bed: Bed;
beforeEach(async () => {
  bed = await testBed();
});
afterEach(() => bed.pg.stop());

const hit = (assetId: string, ...names: string[]) =>
  bed.assets.set(assetId, { context: NOWHERE, services: names.map((name) => service(name)) });
const kept = async () => (await bed.pg.asOwner<{ n: number }>('select count(*)::int as n from impact_verdict'))[0]!.n;
/** Names of the services that each order's verdict counts, in the order of the orders. */
const servicesOf = async () => {
  const orders = await bed.orders();
  const read = (id: string) => bed.pg.db.tenant(bed.pg.tenantId, (tx) => readOrder(tx, SEES_ALL, id));
  const details = await Promise.all(orders.map(({ id }) => read(id)));
  return details.map(({ verdict }) => verdict?.services.map(({ name }) => name) ?? null);
};

it('orders about the same loss share one verdict, whether of one batch or not', async () => {
  const assetId = newId();
  hit(assetId, 'Packing');
  await bed.take(bed.anomaly({ assetId }), bed.anomaly({ assetId }));
  await bed.take(bed.anomaly({ assetId }));
  expect(await servicesOf()).toEqual([['Packing'], ['Packing'], ['Packing']]);
  expect(await kept()).toBe(1);
});

it('an order keeps the verdict that it was opened with, whatever becomes of the plant', async () => {
  const assetId = newId();
  hit(assetId, 'Packing');
  await bed.take(bed.anomaly({ assetId }));
  hit(assetId, 'Packing', 'Shipping');
  await bed.take(bed.anomaly({ assetId }));
  expect(await servicesOf()).toEqual([['Packing'], ['Packing', 'Shipping']]);
  expect(await kept()).toBe(2);
});

it('an escalation gives the order the verdict of now, and other orders keep theirs', async () => {
  const assetId = newId();
  hit(assetId, 'Packing');
  const rising = bed.anomaly({ assetId });
  await bed.take(rising);
  await bed.take(bed.anomaly({ assetId }));
  hit(assetId, 'Shipping');
  await bed.take({ ...rising, level: 'serious' });
  expect(await servicesOf()).toEqual([['Shipping'], ['Packing']]);
});

it('batches that meet the same new verdicts at once all keep them', async () => {
  const assets = Array.from({ length: 20 }, () => newId());
  for (const assetId of assets) hit(assetId, `service of ${assetId}`);
  const batch = (order: readonly string[]) => bed.take(...order.map((assetId) => bed.anomaly({ assetId })));
  await Promise.all([batch(assets), batch(assets.toReversed()), batch(assets), batch(assets.toReversed())]);
  expect(await servicesOf()).toHaveLength(80);
  expect((await servicesOf()).filter((names) => names?.length !== 1)).toEqual([]);
  expect(await kept()).toBe(20);
});

it('counts all services of a hub and keeps the worst fifty', async () => {
  const assetId = newId();
  hit(assetId, ...Array.from({ length: 70 }, (_, i) => `service ${i}`));
  await bed.take(bed.anomaly({ assetId }));
  const [order] = await bed.orders();
  const { verdict } = await bed.pg.db.tenant(bed.pg.tenantId, (tx) => readOrder(tx, SEES_ALL, order!.id));
  expect(verdict).toMatchObject({ serviceCount: 70, graphVersion: '7', healthVersion: '1' });
  expect(verdict!.services).toHaveLength(50);
});
