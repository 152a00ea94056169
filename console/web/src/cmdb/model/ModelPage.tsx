import { useState } from 'react';
import type { Me } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Table } from '../../shell/Table.tsx';
import { hrefOf, type Place } from '../place.ts';
import { useModel } from '../useModel.ts';
import { RelationTypes } from './RelationTypes.tsx';
import { TypeEditor } from './TypeEditor.tsx';
import { TypeTree } from './TypeTree.tsx';

/** What is edited when it is no type that there is. */
const NEW = '';

/** The types of CIs and of relations; whoever may, changes them after a preview. */
export function ModelPage({ place, me }: { place: Place; me: Me }) {
  const { t, said } = useWords();
  const { model, attributesOf, typeName } = useModel();
  const [edited, setEdited] = useState<string | null>(null);
  const type = model?.ciTypes.find(({ name }) => name === place.id);
  const mayChange = me.permissions.includes('cmdb:model');
  return (
    <>
      <h1>{t('mo.title')}</h1>
      <p className="muted">{t('mo.lead')}</p>
      {!model && <p className="muted">{t('app.loading')}</p>}
      {model && <p className="muted">{t('mo.version', { version: model.version })}</p>}
      {model && type === undefined && (
        <>
          {mayChange && edited !== NEW && (
            <p>
              <button type="button" onClick={() => setEdited(NEW)}>
                {t('mo.new')}
              </button>
            </p>
          )}
          {mayChange && edited === NEW && (
            <TypeEditor
              changed={null}
              types={model.ciTypes}
              modelVersion={model.version}
              close={() => setEdited(null)}
            />
          )}
          <TypeTree types={model.ciTypes} />
          <RelationTypes types={model.relationTypes} />
        </>
      )}
      {type && (
        <section aria-label={type.label[said]}>
          <p>
            <a href={hrefOf('model')}>← {t('mo.allTypes')}</a>
          </p>
          <h2>
            {type.label[said]} <code>{type.name}</code>
          </h2>
          <p className="muted">
            {type.lineage.map((name) => typeName(name)).join(' ← ')} · {t(type.builtIn ? 'mo.builtIn' : 'mo.own')}
            {type.abstract && ` · ${t('mo.abstract')}`}
          </p>
          {attributesOf(type.name).length === 0 && <p className="muted">{t('mo.noAttributes')}</p>}
          {attributesOf(type.name).length > 0 && (
            <Table heads={[t('ci.attribute'), t('mo.kind'), t('mo.rules'), t('mo.from')]}>
              {attributesOf(type.name).map((attribute) => {
                const from = type.lineage.find((name) =>
                  model?.ciTypes
                    .find((one) => one.name === name)
                    ?.attributes.some((own) => own.name === attribute.name),
                );
                return (
                  <tr key={attribute.name}>
                    <td>
                      <strong>{attribute.name}</strong>
                      <div className="muted">{attribute.description[said]}</div>
                    </td>
                    <td>
                      {t(`kind.${attribute.kind}`)} {attribute.unit}
                      {attribute.values && <div className="muted">{attribute.values.join(', ')}</div>}
                      {attribute.fields && (
                        <div className="muted">{attribute.fields.map(({ name }) => name).join(', ')}</div>
                      )}
                    </td>
                    <td>
                      {(['required', 'unique', 'sensitive'] as const)
                        .filter((rule) => attribute[rule])
                        .map((rule) => t(`mo.${rule}`))
                        .join(', ')}
                    </td>
                    <td>{from === type.name ? t('mo.itself') : typeName(from ?? '')}</td>
                  </tr>
                );
              })}
            </Table>
          )}
          {mayChange && edited !== type.name && (
            <p>
              <button type="button" onClick={() => setEdited(type.name)}>
                {t('mo.edit')}
              </button>
            </p>
          )}
          {mayChange && edited === type.name && model && (
            <TypeEditor
              key={type.name}
              changed={type}
              types={model.ciTypes}
              modelVersion={model.version}
              close={() => setEdited(null)}
            />
          )}
        </section>
      )}
    </>
  );
}
