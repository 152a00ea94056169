import { parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { createPasswords, randomPassword } from './passwords.ts';

const passwords = createPasswords();

test('a password fits its own hash only, and the hash is argon2id of the declared cost', async () => {
  const encoded = await passwords.hash('vera', 'correct horse battery');
  expect(encoded).toMatch(/^\$argon2id\$/);
  expect(parseOptions(encoded)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  expect(await passwords.verify(encoded, 'correct horse battery')).toBe(true);
  expect(await passwords.verify(encoded, 'correct horse batterx')).toBe(false);
});

test.each(['short', 'x'.repeat(257), 'i am VERA myself'])('%s is refused', async (password) => {
  await expect(passwords.hash('vera', password)).rejects.toMatchObject({ code: 'PASSWORD_WEAK', field: 'password' });
});

test('an account that does not exist costs the same work', async () => {
  const encoded = await passwords.hash('vera', 'correct horse battery');
  await passwords.verify(null, 'warm up the decoy');
  const timeOf = async (candidate: string | null) => {
    const startedMs = performance.now();
    for (let i = 0; i < 8; i++) expect(await passwords.verify(candidate, 'wrong wrong wrong')).toBe(false);
    return performance.now() - startedMs;
  };
  const [known, unknown] = [await timeOf(encoded), await timeOf(null)];
  // A skipped hash would be faster by a factor of thousands; the bounds only allow for a busy machine.
  expect(unknown / known).toBeGreaterThan(0.2);
  expect(unknown / known).toBeLessThan(5);
});

test('a burst is bounded, and what waited is still answered', async () => {
  const encoded = await passwords.hash('vera', 'correct horse battery');
  const outcomes = await Promise.all(
    Array.from({ length: 80 }, () => passwords.verify(encoded, 'no').then(String, (e) => e.code)),
  );
  expect(outcomes.filter((o) => o === 'LOGIN_BUSY')).toHaveLength(16);
  expect(outcomes.filter((o) => o === 'false')).toHaveLength(64);
  expect(await passwords.verify(encoded, 'correct horse battery')).toBe(true);
});

test('random passwords are strong, legible and different', () => {
  const made = new Set(Array.from({ length: 200 }, randomPassword));
  expect(made.size).toBe(200);
  for (const password of made) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{20}$/);
});
