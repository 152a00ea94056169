import type { Tx } from '../../platform/index.ts';
import type { Misfit } from './misfits.ts';

/** A CI that was left not fitting the model, and since when; it leaves the list when it is put right. */
export interface ModelTask extends Misfit {
  readonly modelVersion: number;
  readonly openedAt: Date;
}

/** Open tasks by key and attribute. */
export async function modelTasks(
  tx: Tx,
  page: { ciId?: string | undefined; after?: { key: string; attribute: string } | undefined; limit: number },
): Promise<ModelTask[]> {
  const { rows } = await tx.query<ModelTask>(
    `select t.ci_id as "ciId", c.key, c.type, t.attribute, t.problem, t.model_version as "modelVersion",
            t.opened_at as "openedAt"
     from cmdb_model_task t join cmdb_ci c on c.tenant_id = $1 and c.id = t.ci_id
     where t.tenant_id = $1 and ($2::text is null or (c.key, t.attribute) > ($2, $3))
       and ($5::uuid is null or t.ci_id = $5)
     order by c.key, t.attribute limit $4`,
    [tx.tenantId, page.after?.key ?? null, page.after?.attribute ?? null, page.limit, page.ciId ?? null],
  );
  return rows;
}
