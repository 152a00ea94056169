import { parseArgs } from 'node:util';
import {
  type BrokenLink,
  type ChainVerdict,
  type GraphComparison,
  type GraphMirror,
  openMirror,
  postgresAssetGraph,
  verifyWholeChain,
} from './cmdb/index.ts';
import { neo4jIn } from './engines.ts';
import { migrations } from './main.ts';
import {
  ConfigError,
  createLog,
  createOutbox,
  type Database,
  endWith,
  loadConfig,
  openGround,
  systemClock,
} from './platform/index.ts';
import { tiedToCis } from './tiedToCis.ts';

const USAGE = `Usage: npm run graph -- rebuild|compare|verify [--tenant SLUG]

rebuild  builds the dependency graph in the Neo4j of NEO4J_URL from nothing, then compares
compare  counts and sums the graph in PostgreSQL and in Neo4j; exits with 1 when they differ
verify   verifies the chain of the graph's history in PostgreSQL and that the graph is what its history says; names the
         first link that is broken and exits with 1. The hash that it tells belongs where the database is not: compare
         it the next time with GET /api/v1/cmdb/audit?knownVersion=…&knownHash=…
Without --tenant, every tenant's. Settings are those of the platform; with the embedded PostgreSQL, stop the platform first.`;

const PROBLEMS: Readonly<Record<BrokenLink['problem'], string>> = {
  content: 'its link does not fit its changes, its author, its time or the link before it',
  link: 'it has no link',
  known: 'its link is another than the one kept elsewhere',
  state: 'a CI or relation that it changed last is not what the history says; it was written past the CMDB',
};

function chainLine(slug: string, { broken, links, head }: ChainVerdict): string {
  if (broken !== null) return `${slug}: BROKEN at version ${broken.version}: ${PROBLEMS[broken.problem]}`;
  return `${slug}: ${links} links hold${head === null ? '' : `; version ${head.version} has hash ${head.hash}`}`;
}

function line(slug: string, { equal, record, neo4j }: GraphComparison): string {
  const told = (side: GraphComparison['record'] | null) =>
    side === null
      ? 'none'
      : `version ${side.version}, ${side.nodes} CIs, ${side.relations} relations, ${side.ties} orders and anomalies, sum ${side.checksum}`;
  return `${slug}: ${equal ? 'equal' : 'DIFFERENT'}; PostgreSQL ${told(record)}; Neo4j ${told(neo4j)}`;
}

const TASKS = ['rebuild', 'compare', 'verify'] as const;
type Task = (typeof TASKS)[number];

/** Does the task for one tenant; whether all was well. */
type Work = (tenantId: string, slug: string) => Promise<boolean>;

/** Rebuilds, compares or verifies; the process's exit code. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { tenant: { type: 'string' }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const task = TASKS.find((one) => one === positionals[0]);
  if (values.help || positionals.length !== 1 || task === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const config = loadConfig(process.env);
  const neo4j = neo4jIn(config);
  if (task !== 'verify' && neo4j === undefined) {
    throw new ConfigError(['NEO4J_URL: name the Neo4j that follows the dependency graph']);
  }
  const log = createLog(config.LOG_LEVEL);
  const clock = systemClock();
  const ground = await openGround(config, { clock, log, migrations, fatal: (reason) => console.error(reason) });
  try {
    const tenants = await tenantsNamed(ground.db, values.tenant);
    if (task === 'verify') return await each(tenants, verifying(ground.db));
    const outbox = createOutbox(clock, [], () => undefined);
    const record = postgresAssetGraph({ db: ground.db, outbox, clock });
    const { mirror, close } = openMirror({ db: ground.db, record, outbox, clock, log, tied: tiedToCis, ...neo4j! });
    try {
      return await each(tenants, mirroring(mirror, task));
    } finally {
      await close();
    }
  } finally {
    await ground.close();
  }
}

async function tenantsNamed(db: Database, slug: string | undefined): Promise<{ id: string; slug: string }[]> {
  const { rows } = await db.as('auth', (sql) =>
    sql.query<{ id: string; slug: string }>(
      'select id, slug from tenant where $1::text is null or slug = $1 order by slug',
      [slug ?? null],
    ),
  );
  if (rows.length > 0) return rows;
  throw new ConfigError([
    slug === undefined
      ? 'DATABASE_URL: the database holds no tenant yet; start the platform once'
      : `--tenant: there is no tenant ${slug}; name it by its slug`,
  ]);
}

async function each(tenants: readonly { id: string; slug: string }[], work: Work): Promise<number> {
  let unwell = 0;
  for (const { id, slug } of tenants) if (!(await work(id, slug))) unwell++;
  return unwell > 0 ? 1 : 0;
}

function verifying(db: Database): Work {
  return async (tenantId, slug) => {
    const verdict = await verifyWholeChain(db, tenantId, (links) => progress(`${slug}: ${links} links`));
    progress('');
    console.log(chainLine(slug, verdict));
    return verdict.broken === null;
  };
}

function mirroring(mirror: GraphMirror, task: Exclude<Task, 'verify'>): Work {
  return async (tenantId, slug) => {
    if (task === 'rebuild') {
      await mirror.rebuild(tenantId, ({ phase, done }) => progress(`${slug}: ${phase} ${done}`));
    }
    const comparison = await mirror.compare(tenantId);
    progress('');
    console.log(line(slug, comparison));
    return comparison.equal;
  };
}

/** Writes over the line before. */
function progress(text: string): void {
  process.stderr.write(`\r\x1b[2K${text}`);
}

if (import.meta.main) {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => endWith(error, 2),
  );
}
