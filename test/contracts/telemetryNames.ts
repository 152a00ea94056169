import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reading } from '../../ingest/store/readings.ts';
import { newId } from '../../platform/index.ts';
import { NOON_NS, reading } from './readings.ts';
import type { TelemetryStoreUnderTest } from './underTest.ts';

/** Text that is code in one language or another, and what breaks encoders. */
const CORPUS = [
  `' OR '1'='1`,
  `'; drop table telemetry; --`,
  `" or true or r.device == "`,
  `") |> drop(columns: ["_value"]) //`,
  ['$', '{1 + 1}'].join(''),
  '$1',
  ['\\$', '{x}'].join(''),
  `a\\`,
  `a\\\\`,
  `\\", value=1 1\\n`,
  'a=b,c=d e',
  'device=x,point=y value=1',
  '%5C',
  '%',
  '#comment',
  '_measurement',
  'time',
  "' UNION SELECT 1 --",
  `MATCH (n) DETACH DELETE n`,
  '{"$gt": ""}',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '轴承温度 °C',
  'e\u0301',
  '😀👩‍🔧',
  '\u00a0\u3000',
  ' leading and trailing ',
];

/** Names, units, values and times come back as they were, whatever they look like. */
export function telemetryNamesContract(open: () => TelemetryStoreUnderTest): void {
  const write = (batch: readonly Reading[]) => open().db.as('shipper', (tx) => open().store.write(tx, batch));

  test('text that looks like code is a name like any other', async () => {
    const tenant = newId();
    const batch = CORPUS.flatMap((text, i) => [
      reading(tenant, { device: text, point: text, unit: text, value: i }),
      reading(tenant, { device: text, point: 'plain', unit: text, value: -i - 1 }),
    ]);
    expect([...(await write(batch))]).toEqual(batch.map(() => 1));
    for (const [i, text] of CORPUS.entries()) {
      const series = { device: text, point: text };
      const [found, ...others] = await open().store.range(tenant, series, NOON_NS, NOON_NS + 1n, { limit: 10 });
      expect(others).toEqual([]);
      expect(found).toMatchObject({ value: i, unit: text, identity: batch[2 * i]!.identity });
      const windows = await open().store.windows(tenant, series, NOON_NS, NOON_NS + 1n, {
        ...{ windowNs: 1000n, aggregate: 'max', limit: 9 },
      });
      expect(windows).toMatchObject([{ value: i, count: 1 }]);
    }
    const counts = await open().store.count(tenant);
    expect(new Map(counts.map(({ device, count }) => [device, count]))).toEqual(
      new Map(CORPUS.map((text) => [text, 2])),
    );
  }, 60_000);

  test('any finite value at any instant comes back bit for bit', async () => {
    const tenant = newId();
    const values = [5e-324, -5e-324, 1.7976931348623157e308, -1e300, 2 ** 53 + 2, -(2 ** 60), 1e21, 1e-7, 0.1, 1 / 3];
    const drawn = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 200).map((v) => (v === 0 ? 0 : v));
    const all = [...values, ...drawn];
    await write(all.map((value, i) => reading(tenant, { value, timeNs: NOON_NS + BigInt(i) })));
    const series = { device: 'press-1', point: 'de-velocity' };
    const found = await open().store.range(tenant, series, NOON_NS, NOON_NS + 1_000_000n, { limit: 1000 });
    expect(found.map((r) => r.value)).toEqual(all);
    expect(found.map((r) => r.timeNs)).toEqual(all.map((_, i) => NOON_NS + BigInt(i)));
  });

  test('boot and sequence do not change what is told of a reading', async () => {
    const tenant = newId();
    const series = { device: 'press-1', point: 'de-velocity' };
    for (const boot of ['b', 'a "quoted" \\ boot, with = signs', '启动 1.2.3']) {
      const own = reading(tenant, { boot, seq: 2n ** 63n - 1n, index: 7, point: boot });
      const { identityOf } = await import('../../ingest/identity.ts');
      const parts = {
        kind: 'telemetry' as const,
        tenantId: tenant,
        device: own.device,
        point: boot,
        boot,
        seq: own.seq,
      };
      const identity = identityOf({ ...parts, index: 7, timeNs: null, content: '', receipt: '' });
      await write([{ ...own, identity }]);
      const [found] = await open().store.range(tenant, { ...series, point: boot }, NOON_NS, NOON_NS + 1n, { limit: 2 });
      expect(found).toMatchObject({ identity });
    }
  });
}
