import type { Driver, Session } from 'neo4j-driver';

export type { Transaction as Neo4jTransaction } from 'neo4j-driver';

/** One database of a server. */
export interface Neo4jDatabase {
  readonly driver: Driver;
  readonly database: string;
}

/** Records of one fetch. */
const FETCH_RECORDS = 10_000;

/**
 * Does some work in a session. Sessions share the bookmarks of their driver, so that what one wrote the next one reads, in
 * a cluster too.
 */
export async function inSession<T>(
  { driver, database }: Neo4jDatabase,
  access: 'READ' | 'WRITE',
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = driver.session({
    database,
    defaultAccessMode: access,
    bookmarkManager: driver.executeQueryBookmarkManager,
    fetchSize: FETCH_RECORDS,
  });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
