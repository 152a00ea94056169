import neo4j, { type Transaction } from 'neo4j-driver';
import { type Egress, EgressRefused } from '../../../../platform/index.ts';
import { cmdbErrors } from '../../../errors.ts';

/** A Neo4j that is a site's own, and that is only ever read. */
export interface ForeignServer {
  /** bolt://, bolt+s:// or bolt+ssc://: one server, for a routing one would send us on to wherever it likes. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const CONNECT_WITHIN_MS = 5_000;
const FETCH_RECORDS = 5_000;

/**
 * Reads a site's Neo4j in one transaction that may not write. The address is checked as that of a webhook is.
 *
 * @throws {FaultlineError} CMDB_GRAPH_SOURCE_…, which names what is wrong and never the password
 */
export async function readingForeign<T>(
  server: ForeignServer,
  egress: Egress,
  timeoutMs: number,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    const url = await reachableUrl(server.url, egress);
    const driver = neo4j.driver(url, neo4j.auth.basic(server.user, server.password), {
      ...{ userAgent: 'faultline', useBigInt: true, telemetryDisabled: true, maxConnectionPoolSize: 2 },
      ...{ connectionTimeout: CONNECT_WITHIN_MS, connectionAcquisitionTimeout: 2 * CONNECT_WITHIN_MS },
    });
    try {
      const session = driver.session({
        ...{ database: server.database, defaultAccessMode: 'READ', fetchSize: FETCH_RECORDS },
      });
      const tx = await session.beginTransaction({ timeout: timeoutMs, metadata: { app: 'faultline import' } });
      try {
        return await work(tx);
      } finally {
        await tx.rollback().catch(() => undefined); // nothing was written; it may be over already
        await session.close().catch(() => undefined);
      }
    } finally {
      await driver.close();
    }
  } catch (error) {
    throw toldAs(error, server, timeoutMs);
  }
}

/**
 * The address with its host in place of its name, so that what was checked is what is connected to. With bolt+s the name
 * stays, for the certificate is for it: a name that resolves otherwise a moment later meets a server that cannot show one.
 */
async function reachableUrl(text: string, egress: Egress): Promise<string> {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  egress.checkHost(host);
  const address = await new Promise<{ address: string; family: number }>((resolve, reject) => {
    egress.lookup(host, { all: false }, (error, address, family) => {
      if (error) reject(error);
      else resolve({ address: String(address), family: family ?? 4 });
    });
  });
  if (url.protocol === 'bolt+s:') return text;
  const literal = address.family === 6 ? `[${address.address}]` : address.address;
  return `${url.protocol}//${literal}:${url.port === '' ? '7687' : url.port}`;
}

function toldAs(error: unknown, { url, user, database }: ForeignServer, timeoutMs: number): unknown {
  if (error instanceof EgressRefused)
    return cmdbErrors.CMDB_GRAPH_SOURCE_ADDRESS({ reason: error.message }, { field: 'url' });
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code))
    return cmdbErrors.CMDB_GRAPH_SOURCE_UNREACHABLE({ url }, { field: 'url', cause: error });
  if (!(error instanceof neo4j.Neo4jError)) return error;
  if (/Security\.(Unauthorized|AuthenticationRateLimit|CredentialsExpired)/.test(code)) {
    return cmdbErrors.CMDB_GRAPH_SOURCE_PASSWORD({ user }, { field: 'password', cause: error });
  }
  if (/DatabaseNotFound/.test(code)) {
    return cmdbErrors.CMDB_GRAPH_SOURCE_DATABASE({ database }, { field: 'database', cause: error });
  }
  if (/TransactionTimedOut|TransactionTerminated/.test(code) || /not completed within the timeout/.test(message)) {
    return cmdbErrors.CMDB_GRAPH_SOURCE_SLOW({ seconds: timeoutMs / 1000 }, { cause: error });
  }
  return cmdbErrors.CMDB_GRAPH_SOURCE_UNREACHABLE({ url }, { field: 'url', cause: error });
}
