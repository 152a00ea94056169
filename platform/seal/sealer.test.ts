import { expect, test } from 'vitest';
import { createSealer } from './sealer.ts';

const sealer = createSealer('the secret key of an installation', 'tests');

test('a secret opens with the same key and row only, and no two seals look alike', () => {
  const sealed = sealer.seal('geheim 密', 'tenant/channel');
  expect(sealer.open(sealed, 'tenant/channel')).toBe('geheim 密');
  expect(sealed.includes('geheim')).toBe(false);
  expect(sealer.seal('geheim 密', 'tenant/channel').equals(sealed)).toBe(false);
  expect(() => sealer.open(sealed, 'tenant/other')).toThrow();
  expect(() => createSealer('the secret key of an installation', 'other').open(sealed, 'tenant/channel')).toThrow();
  expect(() => createSealer('another key altogether, really', 'tests').open(sealed, 'tenant/channel')).toThrow();
});

test('a changed bit anywhere is noticed', () => {
  const sealed = sealer.seal('geheim', 'c');
  for (let at = 0; at < sealed.length; at++) {
    const broken = Buffer.from(sealed);
    broken[at]! ^= 1;
    expect(() => sealer.open(broken, 'c')).toThrow();
  }
});
