import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IdentityParts, identityOf } from './identity.ts';

const parts: IdentityParts = {
  kind: 'telemetry',
  tenantId: '0190f5c0-0000-7000-8000-000000000001',
  device: 'pump-3',
  point: 'de',
  boot: 'a',
  seq: 7n,
  index: 0,
  timeNs: 1n,
  content: '1.5',
  receipt: 'spool:0',
};
const same = (a: Partial<IdentityParts>, b: Partial<IdentityParts>) =>
  identityOf({ ...parts, ...a }) === identityOf({ ...parts, ...b });

test('with boot and sequence, another delivery has the same identity whatever time and receipt say', () => {
  expect(same({}, { receipt: 'spool:99', timeNs: 2n, content: '9' })).toBe(true);
  for (const other of [{ boot: 'b' }, { seq: 8n }, { index: 1 }, { point: 'nde' }, { device: 'pump-4' }])
    expect(same({}, other), JSON.stringify(Object.keys(other))).toBe(false);
});

test('a sequence that started again without a boot id does not swallow new samples', () => {
  expect(same({ boot: null }, { boot: null, receipt: 'spool:99' })).toBe(true);
  expect(same({ boot: null }, { boot: null, content: '1.6' })).toBe(false);
  expect(same({ boot: null }, { boot: null, timeNs: 2n })).toBe(false);
});

test('without sequence, time and value tell; with neither, the receipt does', () => {
  const plain = { boot: null, seq: null };
  expect(same(plain, { ...plain, receipt: 'spool:99', index: 5 })).toBe(true);
  expect(same(plain, { ...plain, content: '1.6' })).toBe(false);
  const bare = { ...plain, timeNs: null };
  expect(same(bare, { ...bare, receipt: 'spool:99' })).toBe(false);
  expect(same(bare, { ...bare, index: 1 })).toBe(false);
  expect(same(bare, bare)).toBe(true);
});

test('tenants, kinds and ways of identity never meet', () => {
  expect(same({}, { tenantId: '0190f5c0-0000-7000-8000-000000000002' })).toBe(false);
  expect(same({}, { kind: 'waveform' })).toBe(false);
  expect(same({ boot: null }, { boot: '' })).toBe(false);
});

test('it is a UUID that PostgreSQL takes, of version 8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.bigInt({ min: 0n, max: 2n ** 63n }), (point, seq) => {
      expect(identityOf({ ...parts, point, seq })).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }),
    { numRuns: 200 },
  );
});
