import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { countText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { AttributeType, CiType, ModelTask } from '../answers.ts';
import { hrefOf } from '../place.ts';

const KINDS = ['text', 'number', 'integer', 'boolean', 'date'] as const;
const LEAST_REASON = 1;

interface ModelReport {
  checkedCis: number;
  misfitCount: number;
  misfits: ModelTask[];
}

const NOTHING: CiType = {
  ...{ name: '', parent: 'configuration_item', abstract: false, builtIn: false },
  ...{ label: { en: '', zh: '' }, attributes: [], lineage: [] },
};

/**
 * Makes a type, renames one, or gives it a further attribute; what that would break is shown before it is done.
 * @param changed the type as it is; a new one without it
 */
export function TypeEditor({
  changed,
  types,
  modelVersion,
  close,
}: {
  changed: CiType | null;
  types: readonly CiType[];
  modelVersion: number;
  close: () => void;
}) {
  const type = changed ?? NOTHING;
  const { t, said, language } = useWords();
  const queries = useQueryClient();
  const [own, setOwn] = useState({ name: type.name, parent: type.parent });
  const [label, setLabel] = useState(type.label);
  const [name, setName] = useState('');
  const [kind, setKind] = useState<AttributeType['kind']>('text');
  const [description, setDescription] = useState({ en: '', zh: '' });
  const [isRequired, setRequired] = useState(false);
  const [reason, setReason] = useState('');
  /** Whether what was looked at is still what the form says. */
  const [isLookedAt, setLookedAt] = useState(false);
  const { builtIn: _, lineage: __, ...definition } = type;
  const added = { name, kind, description, required: isRequired };
  const ciType = { ...definition, ...own, label, attributes: [...type.attributes, ...(name === '' ? [] : [added])] };
  const preview = useMutation({
    mutationFn: () => api<ModelReport>('/cmdb/model/preview', { method: 'POST', body: { ciTypes: [ciType] } }),
    onSuccess: () => setLookedAt(true),
  });
  const change = useMutation({
    mutationFn: (onMisfit: 'refuse' | 'tasks') =>
      api<ModelReport>('/cmdb/model/changes', {
        method: 'POST',
        body: { change: { ciTypes: [ciType] }, reason, onMisfit, expectedVersion: modelVersion },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['cmdb-model'] });
      close();
      location.hash = hrefOf('model', own.name);
    },
  });
  const report = isLookedAt ? preview.data : undefined;
  return (
    <form
      className="card"
      aria-label={t(changed ? 'mo.edit' : 'mo.new')}
      onSubmit={(event) => {
        event.preventDefault();
        preview.mutate();
      }}
    >
      <fieldset className="fields" onChange={() => setLookedAt(false)}>
        {changed === null && (
          <>
            <label>
              {t('mo.typeKey')}{' '}
              <input
                required
                value={own.name}
                pattern="[a-z][a-z0-9_]*"
                title={t('mo.typeKeyHint')}
                onChange={(event) => setOwn({ ...own, name: event.target.value })}
              />
            </label>
            <label>
              {t('mo.parent')}{' '}
              <select value={own.parent ?? ''} onChange={(event) => setOwn({ ...own, parent: event.target.value })}>
                {types.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.label[said]}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
        {(['en', 'zh'] as const).map((of) => (
          <label key={of}>
            {t(`mo.label.${of}`)}{' '}
            <input required value={label[of]} onChange={(event) => setLabel({ ...label, [of]: event.target.value })} />
          </label>
        ))}
      </fieldset>
      <h3>{t('mo.addAttribute')}</h3>
      <fieldset className="fields" onChange={() => setLookedAt(false)}>
        <label>
          {t('ci.attribute')}{' '}
          <input
            value={name}
            pattern="[A-Za-z][A-Za-z0-9_]*"
            title={t('mo.nameHint')}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label>
          {t('mo.kind')}{' '}
          <select value={kind} onChange={(event) => setKind(event.target.value as AttributeType['kind'])}>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {t(`kind.${one}`)}
              </option>
            ))}
          </select>
        </label>
        {(['en', 'zh'] as const).map((of) => (
          <label key={of}>
            {t(`mo.description.${of}`)}{' '}
            <input
              required={name !== ''}
              value={description[of]}
              onChange={(event) => setDescription({ ...description, [of]: event.target.value })}
            />
          </label>
        ))}
        <label>
          <input type="checkbox" checked={isRequired} onChange={(event) => setRequired(event.target.checked)} />{' '}
          {t('mo.required')}
        </label>
      </fieldset>
      <div className="fields">
        <button type="submit" disabled={preview.isPending}>
          {t('mo.preview')}
        </button>
        <button type="button" onClick={close}>
          {t('md.cancel')}
        </button>
      </div>
      <Failure of={preview} />
      <Failure of={change} />
      {report && (
        <>
          <p role="status">
            {t('mo.previewed', {
              checked: countText(report.checkedCis, language),
              misfits: countText(report.misfitCount, language),
            })}
          </p>
          {report.misfits.length > 0 && (
            <Table heads={[t('ci.key'), t('ci.attribute'), t('mo.problem')]}>
              {report.misfits.slice(0, 10).map((misfit) => (
                <tr key={`${misfit.key} ${misfit.attribute}`}>
                  <td>{misfit.key}</td>
                  <td>{misfit.attribute}</td>
                  <td>{misfit.problem[said]}</td>
                </tr>
              ))}
            </Table>
          )}
          <div className="fields">
            <label>
              {t('cm.reason')} <input value={reason} onChange={(event) => setReason(event.target.value)} />
            </label>
            <button
              type="button"
              disabled={reason.trim().length < LEAST_REASON || change.isPending}
              onClick={() => change.mutate(report.misfitCount > 0 ? 'tasks' : 'refuse')}
            >
              {t(report.misfitCount > 0 ? 'mo.applyWithTasks' : 'mo.apply')}
            </button>
          </div>
        </>
      )}
    </form>
  );
}
