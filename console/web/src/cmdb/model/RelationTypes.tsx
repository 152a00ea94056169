import { useWords } from '../../i18n/i18n.ts';
import { Table } from '../../shell/Table.tsx';
import type { RelationType } from '../answers.ts';
import { useModel } from '../useModel.ts';

/** Relation types with what they mean, and which end suffers when the other fails. */
export function RelationTypes({ types }: { types: readonly RelationType[] }) {
  const { t, said } = useWords();
  const { typeName } = useModel();
  const end = (type: string | undefined) => (type === undefined ? t('mo.any') : typeName(type));
  return (
    <section aria-label={t('mo.relationTypes')}>
      <h2>{t('mo.relationTypes')}</h2>
      <Table heads={[t('ci.relation'), t('mo.meaning'), t('mo.direction'), t('mo.allowed')]}>
        {types.map((type) => (
          <tr key={type.name}>
            <td>
              <code>{type.name}</code>
            </td>
            <td>{type.meaning[said]}</td>
            <td>
              {t(`mo.direction.${type.direction}`)}
              {type.between.map((one) => (
                <div key={`${one.fromType} ${one.toType}`} className="muted">
                  {end(one.fromType)} → {end(one.toType)}: {t(`mo.direction.${one.direction}`)}
                </div>
              ))}
              {type.redundancy && (
                <div className="muted">
                  {t('mo.redundancy', { group: type.redundancy.group, minUp: type.redundancy.minUp })}
                </div>
              )}
            </td>
            <td>
              {type.allowed.length === 0
                ? t('mo.any')
                : type.allowed.map((one) => (
                    <div key={`${one.fromType} ${one.toType}`}>
                      {end(one.fromType)} → {end(one.toType)}
                    </div>
                  ))}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
