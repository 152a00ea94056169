import type { Tx } from '../../platform/index.ts';
import { type FieldDifference, fieldDifferences } from '../history/diff.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { type Reader, redactedState } from '../model/redaction.ts';

/** One change that an import would make. */
export interface PreviewedChange {
  readonly kind: 'ci' | 'relation';
  readonly change: 'created' | 'changed' | 'removed';
  /** Key of the CI, or of the one that the relation begins at. */
  readonly key: string;
  /** Type of the CI or of the relation. */
  readonly type: string;
  /** Key of the CI that the relation ends at. */
  readonly to: string | null;
  /** What differs: `name`, `status`, `attributes.site`… */
  readonly differences: readonly FieldDifference[];
}

interface ChangeRow {
  kind: 'ci' | 'relation';
  key: string | null;
  to: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** The first changes of a version in the order in which they were made, read from its history. */
export async function changesOf(
  tx: Tx,
  version: bigint,
  { model, reader, limit }: { model: CmdbModel; reader: Reader | undefined; limit: number },
): Promise<PreviewedChange[]> {
  const shown = (state: Record<string, unknown>) =>
    reader === undefined ? state : (redactedState(model, reader, state) as Record<string, unknown>);
  const { rows } = await tx.query<ChangeRow>(
    `select h.kind, coalesce(c.key, h.before->>'key') as key, o.key as "to", h.before, h.after
     from cmdb_change h
     left join cmdb_ci c on c.tenant_id = h.tenant_id and c.id = h.ci_id
     left join cmdb_ci o on o.tenant_id = h.tenant_id and o.id = h.other_id
     where h.tenant_id = $1 and h.version = $2 order by h.seq limit $3`,
    [tx.tenantId, version, limit],
  );
  return rows.map(({ kind, key, to, before, after }) => ({
    kind,
    change: before === null ? 'created' : after === null ? 'removed' : 'changed',
    key: key ?? '',
    type: String((after ?? before)?.type ?? ''),
    to,
    differences: before === null || after === null ? [] : fieldDifferences(shown(before), shown(after)),
  }));
}
