import type { z } from 'zod';
import type { Tx } from '../../platform/index.ts';
import { DEFAULT_DISPATCH_POLICY, dispatchPolicySchema } from '../dispatch/policy.ts';
import { ticketingErrors } from '../errors.ts';
import { DEFAULT_PRIORITY_POLICY, priorityPolicySchema } from '../priority/policy.ts';
import { DEFAULT_RESPONSE_POLICY, responsePolicySchema } from '../response/policy.ts';
import { DEFAULT_OWNERS_POLICY, ownersPolicySchema } from '../telling/policy.ts';

/** Each kind of policy: its schema and what applies until the tenant writes its own. */
const KINDS = {
  priority: { schema: priorityPolicySchema, shipped: DEFAULT_PRIORITY_POLICY },
  response: { schema: responsePolicySchema, shipped: DEFAULT_RESPONSE_POLICY },
  dispatch: { schema: dispatchPolicySchema, shipped: DEFAULT_DISPATCH_POLICY },
  owners: { schema: ownersPolicySchema, shipped: DEFAULT_OWNERS_POLICY },
} as const;
export type PolicyKind = keyof typeof KINDS;
export type Policies = { readonly [K in PolicyKind]: z.infer<(typeof KINDS)[K]['schema']> };

/** One version of a policy; version 0 is the shipped one. */
export interface PolicyVersion<K extends PolicyKind> {
  kind: K;
  version: number;
  document: Policies[K];
  updatedAt: Date | null;
  updatedBy: string | null;
}

interface Row {
  kind: PolicyKind;
  version: number;
  document: unknown;
  updatedAt: Date;
  updatedBy: string;
}

const COLUMNS = 'kind, version, document, updated_at as "updatedAt", updated_by_name as "updatedBy"';

/** All policies as they apply now, in one query. */
export async function loadPolicies(tx: Tx): Promise<Policies> {
  const { rows } = await tx.query<Row>(
    `select distinct on (kind) ${COLUMNS} from ticketing_policy order by kind, version desc`,
  );
  const documents = new Map(rows.map((row) => [row.kind, row.document]));
  return {
    priority: read('priority', documents),
    response: read('response', documents),
    dispatch: read('dispatch', documents),
    owners: read('owners', documents),
  };
}

function read<K extends PolicyKind>(kind: K, documents: ReadonlyMap<PolicyKind, unknown>): Policies[K] {
  const document = documents.get(kind);
  return (document === undefined ? KINDS[kind].shipped : KINDS[kind].schema.parse(document)) as Policies[K];
}

/** The versions of one policy, newest first; the shipped one is last. */
export async function policyHistory<K extends PolicyKind>(tx: Tx, kind: K, limit: number): Promise<PolicyVersion<K>[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from ticketing_policy where kind = $1 order by version desc limit $2`,
    [kind, limit],
  );
  const shipped = { kind, version: 0, document: KINDS[kind].shipped as Policies[K], updatedAt: null, updatedBy: null };
  const written = rows.map((row) => ({ ...row, kind, document: row.document as Policies[K] }));
  return rows.length < limit ? [...written, shipped] : written;
}

/**
 * Writes the next version of a policy; earlier ones stay as the record of who decided what.
 *
 * @param basedOn the version that the writer has read
 * @throws POLICY_CHANGED when somebody has written since
 */
export async function writePolicy<K extends PolicyKind>(
  tx: Tx,
  kind: K,
  document: Policies[K],
  basedOn: number,
  by: { id: string | null; name: string; at: Date },
): Promise<PolicyVersion<K>> {
  const { rowCount } = await tx.query(
    `insert into ticketing_policy (tenant_id, kind, document, version, updated_at, updated_by, updated_by_name)
     select $1, $2, $3, $4::integer + 1, $5, $6, $7
      where $4 = (select coalesce(max(version), 0) from ticketing_policy where kind = $2)
     on conflict do nothing`,
    [tx.tenantId, kind, JSON.stringify(document), basedOn, by.at, by.id, by.name],
  );
  if (rowCount === 0) {
    const [newest] = await policyHistory(tx, kind, 1);
    throw ticketingErrors.POLICY_CHANGED({ kind, version: newest!.version }, { field: 'version' });
  }
  return { kind, version: basedOn + 1, document, updatedAt: by.at, updatedBy: by.name };
}
