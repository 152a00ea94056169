import type { ManagedTransaction } from 'neo4j-driver';
import { TIE_KINDS } from '../../tie.ts';

/** What must exist once in a database; each statement may run again. */
export const TIE_SCHEMA = Object.entries(TIE_KINDS).flatMap(([kind, { label }]) => [
  `CREATE CONSTRAINT faultline_${kind}_id IF NOT EXISTS FOR (t:${label}) REQUIRE t.id IS UNIQUE`,
  `CREATE INDEX faultline_${kind}_ci IF NOT EXISTS FOR (t:${label}) ON (t.ciId)`,
  `CREATE INDEX faultline_${kind}_tenant IF NOT EXISTS FOR (t:${label}) ON (t.tenant)`,
]);

/** Ties what stands there already to CIs that have come just now. */
export async function drawTiesOf(tx: ManagedTransaction, ciIds: readonly string[]): Promise<void> {
  for (const { label, relation } of Object.values(TIE_KINDS)) {
    await tx.run(
      `UNWIND $ciIds AS ciId MATCH (t:${label}&!CI {ciId: ciId}) MATCH (n:CI {id: ciId, tenant: t.tenant})
       MERGE (t)-[:${relation}]->(n)`,
      { ciIds },
    );
  }
}

/** The same for all CIs of a tenant, after its graph was built anew. */
export async function drawAllTies(tx: ManagedTransaction, tenantId: string): Promise<void> {
  for (const { label, relation } of Object.values(TIE_KINDS)) {
    await tx.run(
      `MATCH (t:${label}&!CI {tenant: $tenantId}) MATCH (n:CI {id: t.ciId, tenant: $tenantId}) MERGE (t)-[:${relation}]->(n)`,
      { tenantId },
    );
  }
}
