import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './absent.ts';
import { endServer, launchServer } from './serverProcess.ts';

export const NEO4J_VERSION = '5.26.28';
export const HOW_TO_GET_NEO4J =
  'run test/engines/get-neo4j.sh (Java 17, Maven, a minute), or set TEST_NEO4J_URL, TEST_NEO4J_USER and TEST_NEO4J_PASSWORD (an empty database)';

const FOLDER = join(homedir(), '.cache', 'faultline-engines', `neo4j-${NEO4J_VERSION}`);
const READY_WITHIN_MS = 120_000;
const TEST_MEMORY = { heap: '512m', pageCache: '128m' };

/** A running Neo4j 5 with an empty database. */
export interface Neo4jEngine {
  url: string;
  user: string;
  password: string;
  /** Ends the server as a crash would, keeping its data. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export function neo4jIsHere(): boolean {
  return process.env.TEST_NEO4J_URL !== undefined || existsSync(join(FOLDER, 'complete'));
}

/** The Neo4j of `TEST_NEO4J_URL`, or one of our own on a free port and a throw-away folder. */
export async function startNeo4j(memory = TEST_MEMORY): Promise<Neo4jEngine> {
  if (process.env.TEST_NEO4J_URL) return foreign(process.env.TEST_NEO4J_URL);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-neo4j-'));
  const port = await freePort();
  const password = randomBytes(16).toString('hex');
  mkdirSync(join(folder, 'conf'));
  writeFileSync(join(folder, 'conf', 'neo4j.conf'), configuration(folder, port, memory.pageCache));
  setPassword(folder, password);
  let child = await launched(folder, memory.heap);
  const end = (signal: NodeJS.Signals) => endServer(child, signal);
  return {
    url: `bolt://127.0.0.1:${port}`,
    user: 'neo4j',
    password,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      child = await launched(folder, memory.heap);
    },
    stop: async () => {
      await end('SIGKILL'); // nothing of it is kept
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function foreign(url: string): Neo4jEngine {
  const no = async () => {
    throw new Error('the Neo4j of TEST_NEO4J_URL is not ours to stop');
  };
  const { TEST_NEO4J_USER: user = 'neo4j', TEST_NEO4J_PASSWORD: password = '' } = process.env;
  return { url, user, password, kill: no, restart: no, stop: async () => undefined };
}

function configuration(folder: string, port: number, pageCache: string): string {
  return [
    'server.default_listen_address=127.0.0.1',
    `server.bolt.listen_address=127.0.0.1:${port}`,
    `server.bolt.advertised_address=127.0.0.1:${port}`,
    'server.http.enabled=false',
    'server.https.enabled=false',
    `server.directories.data=${join(folder, 'data')}`,
    `server.directories.logs=${join(folder, 'logs')}`,
    'dbms.usage_report.enabled=false',
    `server.memory.pagecache.size=${pageCache}`,
    'db.transaction.timeout=120s',
    '',
  ].join('\n');
}

const classPath = () => ['-cp', join(FOLDER, 'lib', '*')];

function setPassword(folder: string, password: string): void {
  const env = { ...process.env, NEO4J_HOME: folder, NEO4J_CONF: join(folder, 'conf') };
  const command = ['org.neo4j.cli.AdminTool', 'dbms', 'set-initial-password', password];
  execFileSync('java', ['-Xmx128m', '-XX:TieredStopAtLevel=1', ...classPath(), ...command], { env, stdio: 'pipe' });
}

function launched(folder: string, heap: string): Promise<ChildProcess> {
  const log = join(folder, 'console.log');
  const out = openSync(log, 'w');
  const opens = ['java.nio', 'java.io', 'sun.nio.ch'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
  // Tests run too short a time for the second compiler to pay; benches, which do not, ask for more memory.
  const compiler = heap === TEST_MEMORY.heap ? ['-XX:TieredStopAtLevel=1'] : [];
  const flags = [`-Xms${heap}`, `-Xmx${heap}`, ...compiler, ...opens, ...classPath()];
  const command = [
    'org.neo4j.server.CommunityEntryPoint',
    `--home-dir=${folder}`,
    `--config-dir=${join(folder, 'conf')}`,
  ];
  const read = () => readFileSync(log, 'utf8');
  return launchServer('java', [...flags, ...command, '--console-mode'], {
    spawn: { stdio: ['ignore', out, out] },
    isReady: async () => read().includes('Started.'),
    readyWithinMs: READY_WITHIN_MS,
    log: () => read().slice(-2000),
  });
}
