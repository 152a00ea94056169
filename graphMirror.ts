import { parseArgs } from 'node:util';
import { type GraphComparison, openMirror, postgresAssetGraph } from './cmdb/index.ts';
import { neo4jIn } from './engines.ts';
import { migrations } from './main.ts';
import {
  ConfigError,
  createLog,
  createOutbox,
  endWith,
  loadConfig,
  openGround,
  systemClock,
} from './platform/index.ts';

const USAGE = `Usage: npm run graph -- rebuild|compare [--tenant SLUG]

rebuild  builds the dependency graph in the Neo4j of NEO4J_URL from nothing, then compares
compare  counts and sums the graph in PostgreSQL and in Neo4j; exits with 1 when they differ
Without --tenant, every tenant's. Settings are those of the platform; with the embedded PostgreSQL, stop the platform first.`;

function line(slug: string, { equal, record, neo4j }: GraphComparison): string {
  const told = (side: GraphComparison['record'] | null) =>
    side === null
      ? 'none'
      : `version ${side.version}, ${side.nodes} CIs, ${side.relations} relations, sum ${side.checksum}`;
  return `${slug}: ${equal ? 'equal' : 'DIFFERENT'}; PostgreSQL ${told(record)}; Neo4j ${told(neo4j)}`;
}

/** Rebuilds or compares; the process's exit code. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { tenant: { type: 'string' }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [what] = positionals;
  if (values.help || positionals.length !== 1 || (what !== 'rebuild' && what !== 'compare')) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const config = loadConfig(process.env);
  const neo4j = neo4jIn(config);
  if (neo4j === undefined) throw new ConfigError(['NEO4J_URL: name the Neo4j that follows the dependency graph']);
  const log = createLog(config.LOG_LEVEL);
  const clock = systemClock();
  const ground = await openGround(config, { clock, log, migrations, fatal: (reason) => console.error(reason) });
  const outbox = createOutbox(clock, [], () => undefined);
  const record = postgresAssetGraph({ db: ground.db, outbox, clock });
  const { mirror, close } = openMirror({ record, outbox, clock, log, ...neo4j });
  try {
    const tenants = await ground.db.as('auth', (sql) =>
      sql.query<{ id: string; slug: string }>(
        'select id, slug from tenant where $1::text is null or slug = $1 order by slug',
        [values.tenant ?? null],
      ),
    );
    if (tenants.rows.length === 0)
      throw new ConfigError([
        values.tenant === undefined
          ? 'DATABASE_URL: the database holds no tenant yet; start the platform once'
          : `--tenant: there is no tenant ${values.tenant}; name it by its slug`,
      ]);
    let different = 0;
    for (const { id, slug } of tenants.rows) {
      if (what === 'rebuild')
        await mirror.rebuild(id, ({ phase, done }) => process.stderr.write(`\r\x1b[2K${slug}: ${phase} ${done}`));
      const comparison = await mirror.compare(id);
      process.stderr.write('\r\x1b[2K');
      console.log(line(slug, comparison));
      if (!comparison.equal) different++;
    }
    return different > 0 ? 1 : 0;
  } finally {
    await close();
    await ground.close();
  }
}

if (import.meta.main) {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => endWith(error, 2),
  );
}
