import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { AttributeType, Ci, Page, Proposal } from '../answers.ts';
import { useModel } from '../useModel.ts';
import { valueText } from '../values.ts';
import { AttributeInput, toldValue } from './AttributeInput.tsx';

interface Row {
  readonly name: string;
  readonly type: AttributeType | undefined;
  readonly value: unknown;
}

/** A CI's attributes with what they mean and who told them; edited in place. */
export function AttributesSection({ ci, mayWrite }: { ci: Ci; mayWrite: boolean }) {
  const { t, said } = useWords();
  const { attributesOf } = useModel();
  const queries = useQueryClient();
  const [isEdited, setEdited] = useState(false);
  const types = attributesOf(ci.type);
  const known = new Map(types.map((type) => [type.name, type]));
  const names = [...new Set([...Object.keys(ci.attributes), ...(isEdited ? types.map(({ name }) => name) : [])])];
  const rows: Row[] = names
    .filter((name) => !ci.redacted.includes(name))
    .map((name) => ({ name, type: known.get(name), value: ci.attributes[name] }));
  const proposals = useQuery({
    queryKey: ['cmdb-proposals', ci.id],
    queryFn: () => api<Page<Proposal>>(`/cmdb/proposals?ciId=${ci.id}`),
  });
  const save = useMutation({
    mutationFn: (body: object) => api<Ci>(`/cmdb/cis/${ci.id}`, { method: 'PATCH', body }),
    onSuccess: async () => {
      setEdited(false);
      await queries.invalidateQueries({ queryKey: ['cmdb-ci'] });
      await queries.invalidateQueries({ queryKey: ['cmdb-list'] });
    },
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const attributes = Object.fromEntries(
      rows.flatMap((row) => {
        const told = toldValue(row.type, row.value, text(`attribute ${row.name}`));
        return told === undefined ? [] : [[row.name, told]];
      }),
    );
    save.mutate({
      attributes,
      ...(text('name') && text('name') !== ci.name && { name: text('name') }),
      ...(text('status') && text('status') !== ci.status && { status: text('status') }),
      ...(text('reason') && { reason: text('reason') }),
    });
  };
  const sourceOf = (name: string) => ci.sources[name] ?? ci.sources['*'] ?? '–';
  return (
    <section aria-label={t('ci.attributes')}>
      <h2>{t('ci.attributes')}</h2>
      <form onSubmit={send}>
        {isEdited && (
          <div className="fields">
            <label>
              {t('ci.name')} <input name="name" defaultValue={ci.name} required maxLength={500} />
            </label>
            <label>
              {t('ci.status')} <input name="status" defaultValue={ci.status} required maxLength={100} />
            </label>
          </div>
        )}
        {rows.length === 0 && <p className="muted">{t('ci.noAttributes')}</p>}
        {rows.length > 0 && (
          <Table heads={[t('ci.attribute'), t('ci.value'), t('ci.source')]}>
            {rows.map(({ name, type, value }) => (
              <tr key={name}>
                <td>
                  <strong>{name}</strong>
                  {type && <div className="muted">{type.description[said]}</div>}
                </td>
                <td>
                  {isEdited ? (
                    <AttributeInput name={name} type={type} value={value} />
                  ) : (
                    <>
                      {valueText(value)} {value !== undefined && type?.unit}
                    </>
                  )}
                </td>
                <td>{value === undefined ? '' : sourceOf(name)}</td>
              </tr>
            ))}
          </Table>
        )}
        {ci.redacted.length > 0 && <p className="muted">{t('ci.redacted', { names: ci.redacted.join(', ') })}</p>}
        <Failure of={save} />
        {mayWrite && !isEdited && (
          <p>
            <button type="button" onClick={() => setEdited(true)}>
              {t('ci.edit')}
            </button>
          </p>
        )}
        {isEdited && (
          <div className="fields">
            <label>
              {t('cm.reason')} <input name="reason" maxLength={500} />
            </label>
            <button type="submit" disabled={save.isPending}>
              {t('cm.save')}
            </button>
            <button type="button" onClick={() => setEdited(false)}>
              {t('md.cancel')}
            </button>
          </div>
        )}
      </form>
      {proposals.data?.items.map(({ field, source, value, heldBy }) => (
        <p key={`${field} ${source}`} className="warn">
          {t('ci.proposal', { field, source, value: valueText(value), heldBy })}
        </p>
      ))}
    </section>
  );
}
