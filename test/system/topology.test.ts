import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topology-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two hosts carry a database of which one is enough; a shop stands on it, on a name server and on nothing else. */
const NODES = `id,type,name
shop,business_service,Shop
pay,business_service,Payment
db,database,Orders
host-a,server,
host-b,server,
dns,server,
owner,person,Kim`;
const EDGES = `from,type,to,redundancy_group,min_up
shop,DEPENDS_ON,db,,
pay,DEPENDS_ON,shop,,
db,RUNS_ON,host-a,hosts,1
db,RUNS_ON,host-b,hosts,1
shop,DEPENDS_ON,dns,,
shop,OWNED_BY,owner,,`;

it('imports exports into a platform of its own and tells whose loss does what', { timeout: 120_000 }, async () => {
  await writeFile(join(folder, 'n.csv'), NODES);
  await writeFile(join(folder, 'e.csv'), EDGES);
  await writeFile(join(folder, 'notes.txt'), 'no export');
  const answer = join(folder, '..', `${folder.split('/').at(-1)}.json`);
  const options = ['--from', folder, '--fail', 'host-a', '--fail', 'host-b', '--json', answer];
  const { code, output } = await run(['simulators/topology.ts', ...options]);
  expect(output).toContain('2 files (2 of Faultline)');
  expect(code).toBe(0);
  const told = JSON.parse(await readFile(answer, 'utf8'));
  await rm(answer);
  const losses = Object.fromEntries(
    told.survey.losses.map((one: { key: string; servicesDown: number; servicesDegraded: number }) => [
      one.key,
      [one.servicesDown, one.servicesDegraded],
    ]),
  );
  // A host alone takes no service down: the other carries the database, and those that need it feel that.
  expect(losses).toEqual({ db: [2, 0], dns: [2, 0], shop: [1, 0], 'host-a': [0, 2], 'host-b': [0, 2] });
  expect(output).toMatch(/Shop is down: host-[ab] → Orders → Shop; owners: Kim \(accountable\)/);
});

it('says what it wants and what is wrong', { timeout: 30_000 }, async () => {
  expect(await run(['simulators/topology.ts'])).toMatchObject({ code: 2, output: expect.stringContaining('--from') });
  const empty = await mkdtemp(join(folder, 'empty-'));
  const none = await run(['simulators/topology.ts', '--from', empty]);
  expect(none).toMatchObject({ code: 1, output: expect.stringContaining('holds no export') });
  const alone = await run(['simulators/topology.ts', '--from', join(folder, 'n.csv'), '--url', 'http://127.0.0.1:1']);
  expect(alone).toMatchObject({ code: 1, output: expect.stringContaining('--url needs --user') });
});

function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ code, output }));
  });
}
