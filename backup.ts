import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { objectsIn } from './engines.ts';
import { ledgerProof, objectsPart, partitionsPart } from './ingest/index.ts';
import { migrations } from './main.ts';
import {
  type BackupPart,
  backUp,
  type Config,
  ConfigError,
  endWith,
  installationSecrets,
  loadConfig,
  type Manifest,
  openOwner,
  readManifest,
  restoreDatabase,
  restoreFiles,
} from './platform/index.ts';

const USAGE = `Usage: npm run backup -- --to DIR [--verify]
       npm run restore -- --from DIR

backup   writes the database, the data directory (spool, parts of blocks, secrets) and the blocks in S3 into a new folder,
         beside a running platform or without one. --verify restores it into a throw-away installation and compares
         every table, file and ledger; it needs the room for it.
restore  fills an empty installation (empty DATA_DIR, empty database) from it and compares the ledgers.

Settings are those of the platform (DATA_DIR, DATABASE_URL, S3_URL, FAULTLINE_SECRET_KEY…). The folder holds secrets. What lies in
InfluxDB is saved by its own "influx backup", after this one; see README.md.`;

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };
const TELL_EVERY_MS = 1_000;

/** Says on the terminal what is being done, once a second at most. */
function teller(): (what: string, done: number, total: number | null) => void {
  let toldMs = 0;
  return (what, done, total) => {
    if (Date.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = Date.now();
    process.stderr.write(`  ${what} (${done}${total === null ? '' : ` of ${total}`})\n`);
  };
}

/** What saving and restoring both work with, opened for as long as that takes. */
async function withEngines<T>(
  config: Config,
  work: (shared: {
    ownerUrl: string;
    secretKey: string;
    parts: readonly BackupPart[];
    proof: typeof ledgerProof;
    progress: ReturnType<typeof teller>;
  }) => Promise<T>,
): Promise<T> {
  const owner = await openOwner(config);
  const objects = await objectsIn(config);
  try {
    return await work({
      ...{ ownerUrl: owner.url, secretKey: secretKeyOf(config), proof: ledgerProof, progress: teller() },
      parts: [partitionsPart, objectsPart(objects)],
    });
  } finally {
    objects?.close();
    await owner.close();
  }
}

async function save(config: Config, to: string): Promise<Manifest> {
  return withEngines(config, (shared) =>
    backUp({ ...shared, dataDir: config.DATA_DIR, to, version, nowMs: Date.now() }),
  );
}

async function bringBack(config: Config, from: string, manifest: Manifest): Promise<void> {
  await restoreFiles(from, manifest, config.DATA_DIR, teller());
  await withEngines(config, (shared) => restoreDatabase({ ...shared, from, manifest, migrations }));
}

function secretKeyOf(config: Config): string {
  return config.FAULTLINE_SECRET_KEY ?? installationSecrets(config.DATA_DIR).secretKey;
}

/** Restores into a data directory of its own with an embedded database, compares, and throws it away. */
async function verify(config: Config, from: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-verify-'));
  try {
    const { DATABASE_URL: _elsewhere, ...rest } = config;
    await bringBack({ ...rest, DATA_DIR: join(folder, 'data') } as Config, from, readManifest(from));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function told(manifest: Manifest): string {
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const { objects } = (manifest.parts.objects ?? { objects: 0 }) as { objects: number };
  const ledgers = manifest.proof.map(
    ({ tenant, accepted, stored }) => `${tenant}: ${accepted} accepted, ${stored} stored`,
  );
  return `${manifest.tables.length} tables with ${rows} rows, ${manifest.files.length} files of ${bytes} bytes, ${objects} objects; ${ledgers.join('; ')}`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      to: { type: 'string' },
      from: { type: 'string' },
      verify: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [command] = positionals;
  if (values.help) return console.log(USAGE);
  const config = loadConfig(process.env);
  if (command === 'backup' && values.to !== undefined) {
    console.log(`Saved to ${values.to}: ${told(await save(config, values.to))}`);
    if (!values.verify) return;
    await verify(config, values.to);
    return console.log('Verified: restored into an empty installation, every table, file and ledger is the same.');
  }
  if (command === 'restore' && values.from !== undefined) {
    const manifest = readManifest(values.from);
    await bringBack(config, values.from, manifest);
    return console.log(`Restored what was saved at ${manifest.takenAt}, ledgers compared: ${told(manifest)}`);
  }
  throw new ConfigError([`say what to do\n\n${USAGE}`]);
}

if (import.meta.main) {
  main().catch((error: unknown) => endWith(error, 1));
}
