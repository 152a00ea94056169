import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId, type Tx } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { migrations } from '../index.ts';
import { insertAnomaly, type OpenAnomaly, readAnomaly } from './anomalies.ts';
import { followMerge } from './ciMerged.ts';

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase(migrations);
});
afterAll(() => pg.stop());

const inTenant = <T>(work: (tx: Tx) => Promise<T>) => pg.db.tenant(pg.tenantId, work);

async function anomaly(faultKey: string, over: Partial<OpenAnomaly>): Promise<string> {
  const id = newId();
  const said = {
    ...{ id, faultKey, pointKey: 'd/p', pointId: null, assetId: null, assetName: 'Bearing', machineId: null },
    ...{
      fault: 'inner',
      basis: 'spectrum',
      level: 'warning',
      status: 'confirmed',
      severityZone: null,
      confidence: 0.9,
    },
    ...{ strength: 1, summary: { en: 'e', zh: 'z' }, firstSeenMs: 1, confirmedMs: 2, escalatedMs: null },
    ...{ lastWaveformMs: 2 },
  } as unknown as OpenAnomaly;
  expect(await inTenant((tx) => insertAnomaly(tx, { ...said, ...over }))).toBe(true);
  return id;
}
const read = (id: string) => inTenant((tx) => readAnomaly(tx, id));

test('anomalies, thresholds and stages of a CI that was merged into another become that one’s', async () => {
  const [goneId, keptId, bystander] = [newId(), newId(), newId()];
  const ofAsset = await anomaly(`asset:${goneId}:bearing`, { assetId: goneId, machineId: bystander });
  const ofMachine = await anomaly(`asset:${bystander}:gear`, { assetId: bystander, machineId: goneId });
  const inBoth = await anomaly(`asset:${goneId}:gear`, { assetId: goneId });
  await anomaly(`asset:${keptId}:gear`, { assetId: keptId });
  await pg.asOwner('insert into threshold_set (tenant_id, version) values ($1, 4)', [pg.tenantId]);
  const threshold = (machine: string, setting: string, value: number) =>
    pg.asOwner('insert into threshold (tenant_id, setting, machine_id, value, change_id) values ($1, $2, $3, $4, $5)', [
      pg.tenantId,
      setting,
      machine,
      value,
      newId(),
    ]);
  await threshold(goneId, 'only', 1);
  await threshold(goneId, 'both', 2);
  await threshold(keptId, 'both', 3);

  const merge = () => inTenant((tx) => followMerge(tx, { goneId, keptId, keptName: 'Pump bearing' }));
  await merge();
  await merge();
  expect(await read(ofAsset)).toMatchObject({
    ...{ assetId: keptId, assetName: 'Pump bearing', machineId: bystander, faultKey: `asset:${keptId}:bearing` },
  });
  expect(await read(ofMachine)).toMatchObject({ assetId: bystander, assetName: 'Bearing', machineId: keptId });
  // Both have one open: each keeps its name, and both are of one asset now.
  expect(await read(inBoth)).toMatchObject({ assetId: keptId, faultKey: `asset:${goneId}:gear` });
  const held = await pg.asOwner<{ setting: string; value: number }>(
    'select setting, value from threshold where machine_id = $1 order by setting',
    [keptId],
  );
  expect(held).toEqual([
    { setting: 'both', value: 3 },
    { setting: 'only', value: 1 },
  ]);
  expect(await pg.asOwner('select version::int from threshold_set')).toEqual([{ version: 5 }]);
});
