import type { Tx } from '../../../platform/index.ts';
import { cmdbErrors } from '../../errors.ts';
import { currentModel } from '../../model/store.ts';
import type { Mapping } from './mapping.ts';

/** Refuses types that the tenant's model does not hold. @throws CMDB_TYPE_UNKNOWN, CMDB_RELATION_TYPE_UNKNOWN */
export async function checkMapping(tx: Tx, { labels, relations }: Mapping): Promise<void> {
  const model = await currentModel(tx);
  for (const { type } of labels) {
    if (!model.isConcrete(type)) {
      throw cmdbErrors.CMDB_TYPE_UNKNOWN({ type, known: model.concreteTypes }, { field: 'mapping.labels' });
    }
  }
  for (const { type } of relations) {
    if (model.relationType(type) === undefined) {
      throw cmdbErrors.CMDB_RELATION_TYPE_UNKNOWN(
        { type, known: model.relationTypeNames },
        { field: 'mapping.relations' },
      );
    }
  }
}
