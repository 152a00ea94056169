import { z } from 'zod';
import {
  type Clock,
  type Consumer,
  type Database,
  defineEvent,
  defineJob,
  type Egress,
  type Jobs,
  type Logger,
  newId,
  type Outbox,
  reasonOf,
  type Sealer,
  type Tx,
} from '../../../platform/index.ts';
import { type ForeignServer, readingForeign } from '../../graph/neo4j/foreign/openForeign.ts';
import { contentsOf, type ForeignContents } from '../../graph/neo4j/foreign/readForeign.ts';
import type { Reader } from '../../model/redaction.ts';
import { type ImportReport, importGraph } from '../importGraph.ts';
import { beginRun } from '../runs.ts';
import { foreignRows } from './foreignRows.ts';
import { findGraphSource, type GraphSource, sealContext } from './store.ts';

/** A site's graph is to be read again. */
export const GraphSourceDue = defineEvent('GraphSourceDue', z.object({ sourceId: z.uuid(), revision: z.uuid() }));
const readJob = defineJob('cmdb.read-graph-source', z.object({ tenantId: z.uuid(), sourceId: z.uuid() }));

const MINUTE_MS = 60_000;
const LOOK_WITHIN_MS = 60_000;
const READ_WITHIN_MS = 10 * MINUTE_MS;

export interface GraphSourceDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly sealer: Sealer;
  readonly egress: Egress;
}

/** Who has a graph read, and how. */
export interface ReadRequest {
  readonly author: string;
  readonly dryRun: boolean;
  readonly reason?: string | undefined;
  readonly expectedVersion?: bigint | undefined;
  readonly reader?: Reader | undefined;
}

/** Reads graphs that sites keep in a Neo4j of their own. */
export interface GraphSources {
  readonly sealer: Sealer;
  /** What stands there, by count. @throws CMDB_GRAPH_SOURCE_… */
  look(tenantId: string, source: GraphSource): Promise<ForeignContents>;
  /** Everything that the mapping names, or nothing. @throws CMDB_GRAPH_SOURCE_…, CMDB_IMPORT_… */
  read(tenantId: string, source: GraphSource, request: ReadRequest): Promise<ImportReport & { runId: string }>;
  /** Has it read again in time, if it is to be. */
  plan(tx: Tx, source: GraphSource): Promise<void>;
  readonly consumer: Consumer<z.output<typeof GraphSourceDue.schema>>;
  /** Registers the work on what is due; for processes that do it. */
  serve(): void;
}

export function createGraphSources(deps: GraphSourceDeps): GraphSources {
  const { db, clock, outbox, log, jobs, sealer, egress } = deps;
  const server = (tenantId: string, { id, url, user, database, sealedPassword }: GraphSource): ForeignServer => ({
    ...{ url, user, database },
    password: sealer.open(sealedPassword, sealContext(tenantId, id)),
  });

  const read: GraphSources['read'] = async (tenantId, source, request) => {
    const { author, dryRun, reason, expectedVersion, reader } = request;
    const { name } = source;
    const runId = newId();
    const run = await beginRun({ db, nowMs: () => clock.nowMs() }, tenantId, {
      id: runId,
      author,
      source: name,
      dryRun,
    });
    try {
      const rows = await readingForeign(server(tenantId, source), egress, READ_WITHIN_MS, (tx) =>
        foreignRows(tx, name, source.mapping),
      );
      const options = { source: name, complete: true, expectedVersion, reader, progress: run.step };
      const origin = { author, source: name, reason };
      const report = await importGraph({ db, outbox, clock }, tenantId, rows, origin, dryRun, options);
      const { cis, relations, version } = report;
      await run.finish({ cis, relations, version: String(version) });
      return { ...report, runId };
    } catch (error) {
      await run.fail(reasonOf(error));
      throw error;
    }
  };

  const plan = async (tx: Tx, { id: sourceId, revision, everyMinutes }: GraphSource): Promise<void> => {
    if (everyMinutes === null) return;
    await outbox.publish(
      tx,
      GraphSourceDue,
      { sourceId, revision },
      { dueAtMs: clock.nowMs() + everyMinutes * MINUTE_MS },
    );
  };

  return {
    sealer,
    read,
    plan,
    look: (tenantId, source) => readingForeign(server(tenantId, source), egress, LOOK_WITHIN_MS, contentsOf),
    consumer: {
      name: 'cmdb.graph-source-due',
      event: GraphSourceDue,
      handle: async (tx, [event]) => {
        const { sourceId, revision } = event!.payload;
        const source = await findGraphSource(tx, sourceId);
        // Removed, or set up anew with a plan of its own.
        if (source === null || source.revision !== revision) return;
        await plan(tx, source);
        const { tenantId } = tx;
        tx.afterCommit(() => {
          // A queue that is away misses this reading, and none after it.
          jobs.enqueue(readJob, { tenantId, sourceId }, { id: `graph-source-${sourceId}` }).catch((error: unknown) => {
            log.warn({ tenantId, sourceId, reason: reasonOf(error) }, 'a graph source could not be put into the queue');
          });
        });
      },
    },
    serve: () =>
      jobs.work(readJob, async ({ tenantId, sourceId }) => {
        const source = await db.tenant(tenantId, (tx) => findGraphSource(tx, sourceId));
        if (source === null) return;
        try {
          await read(tenantId, source, { author: 'schedule', dryRun: false, reason: 'read again on schedule' });
        } catch (error) {
          // The run tells it; the next one is planned already.
          log.warn({ tenantId, source: source.name, reason: reasonOf(error) }, 'a graph source could not be read');
        }
      }),
  };
}
