import type { Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { CmdbModel } from './cmdbModel.ts';

interface Ends {
  readonly from: string;
  readonly type: string;
  readonly to: string;
}

/** A relation between types of CI, with one example of it. */
interface Pair {
  from: string;
  fromType: string;
  type: string;
  to: string;
  toType: string;
}

/**
 * Checks that relations just written tie types that the model allows.
 * @throws {FaultlineError} CMDB_RELATION_NOT_ALLOWED
 * @remarks costs nothing for relation types that may tie any
 */
export async function checkWrittenRelations(tx: Tx, model: CmdbModel, written: readonly Ends[]): Promise<void> {
  const limited = written.filter(({ type }) => (model.relationType(type)?.allowed.length ?? 0) > 0);
  if (limited.length === 0) return;
  const { rows } = await tx.query<Pair>(
    `select min(i."from") as "from", f.type as "fromType", i.type, min(i."to") as "to", t.type as "toType"
     from unnest($2::text[], $3::text[], $4::text[]) as i ("from", type, "to")
     join cmdb_ci f on f.tenant_id = $1 and f.key = i."from"
     join cmdb_ci t on t.tenant_id = $1 and t.key = i."to"
     group by f.type, i.type, t.type`,
    [tx.tenantId, limited.map((one) => one.from), limited.map((one) => one.type), limited.map((one) => one.to)],
  );
  const refused = rows.find(({ type, fromType, toType }) => !model.mayRelate(type, fromType, toType));
  if (refused !== undefined) throw cmdbErrors.CMDB_RELATION_NOT_ALLOWED(refused, { field: 'type' });
}
