import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkImports } from './check.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function tree(files: Record<string, string>): { baseDir: string; names: string[] } {
  const baseDir = mkdtempSync(join(tmpdir(), 'faultline-imports-'));
  folders.push(baseDir);
  writeFileSync(join(baseDir, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(baseDir, name)), { recursive: true });
    writeFileSync(join(baseDir, name), text);
  }
  return { baseDir, names: Object.keys(files) };
}

test.each([
  [
    'against the flow',
    {
      'platform/a.ts': `import { b } from '../cmdb/index.ts'; export const a = b;`,
      'cmdb/index.ts': 'export const b = 1;',
    },
    /one-way-from-platform/,
  ],
  [
    'past the index',
    {
      'ticketing/a.ts': `import { b } from '../cmdb/graph.ts'; export const a = b;`,
      'cmdb/graph.ts': 'export const b = 1;',
    },
    /entered-by-index-cmdb/,
  ],
  [
    'of a type alone',
    {
      'notify/a.ts': `import type { B } from '../ticketing/index.ts'; export type A = B;`,
      'ticketing/index.ts': 'export type B = 1;',
    },
    /one-way-from-notify/,
  ],
  [
    'of a package into the light entry',
    {
      'platform/pure.ts': `export * from './errors/errors.ts';`,
      'platform/errors/errors.ts': `import './more.ts'; import 'zod';`,
      'platform/errors/more.ts': 'export const b = 1;',
    },
    /pure-loads-nothing/,
  ],
  [
    'of the server into the light entry',
    { 'platform/pure.ts': `export * from './db/database.ts';`, 'platform/db/database.ts': 'export const b = 1;' },
    /pure-loads-nothing/,
  ],
  [
    'of a fixture into the product',
    { 'notify/a.ts': `import './made.fixture.ts';`, 'notify/made.fixture.ts': 'export const b = 1;' },
    /tests-are-not-product/,
  ],
  ['in a circle', { 'cmdb/a.ts': `import './b.ts';`, 'cmdb/b.ts': `import './a.ts';` }, /no-cycles/],
])('an import %s is found', async (_what, files, rule) => {
  const { baseDir, names } = tree(files as Record<string, string>);
  const { read, violations } = await checkImports(names, baseDir);
  expect(read).toBe(names.length);
  expect(violations.join('\n')).toMatch(rule);
});

test('an import with the flow passes', async () => {
  const { baseDir, names } = tree({
    'ticketing/a.ts': `import { b } from '../cmdb/index.ts'; export const a = b;`,
    'cmdb/index.ts': 'export const b = 1;',
  });
  expect(await checkImports(names, baseDir)).toEqual({ read: 2, violations: [] });
});

test('the light entry of the platform may be taken, and a fixture may do what a test may', async () => {
  const { baseDir, names } = tree({
    'simulators/a.ts': `import { b } from '../platform/pure.ts'; export const a = b;`,
    'simulators/a.fixture.ts': `import { c } from '../test/c.ts'; export const d = c;`,
    'platform/pure.ts': `export * from './ids.ts';`,
    'platform/ids.ts': `import { randomUUID } from 'node:crypto'; export const b = randomUUID();`,
    'test/c.ts': 'export const c = 1;',
  });
  expect(await checkImports(names, baseDir)).toEqual({ read: 5, violations: [] });
});
