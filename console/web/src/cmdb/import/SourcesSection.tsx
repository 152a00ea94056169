import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { countText, timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';

interface Source {
  name: string;
  absentCis: 'keep' | 'mark_stale' | 'retire';
  absentRelations: 'keep' | 'remove';
  cis: number;
  missing: number;
  unseen: number;
  relations: number;
  unseenRelations: number;
  lastSeenAt: string | null;
}

const CI_POLICIES = ['keep', 'mark_stale', 'retire'] as const;
const RELATION_POLICIES = ['keep', 'remove'] as const;

/** Sources that imports have named, and what becomes of what they no longer list. */
export function SourcesSection({ mayWrite }: { mayWrite: boolean }) {
  const { t, language } = useWords();
  const queries = useQueryClient();
  const sources = useQuery({ queryKey: ['cmdb-sources'], queryFn: () => api<{ items: Source[] }>('/cmdb/sources') });
  const put = useMutation({
    mutationFn: ({ name, ...policy }: Pick<Source, 'name' | 'absentCis' | 'absentRelations'>) =>
      api(`/cmdb/sources/${encodeURIComponent(name)}`, { method: 'PUT', body: policy }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['cmdb-sources'] }),
  });
  const items = sources.data?.items ?? [];
  const count = (value: number) => countText(value, language);
  return (
    <section aria-label={t('im.sources')}>
      <h2>{t('im.sources')}</h2>
      <Failure of={sources} />
      <Failure of={put} />
      {sources.data && items.length === 0 && <p className="muted">{t('im.noSources')}</p>}
      {items.length > 0 && (
        <Table
          heads={[
            t('ci.source'),
            { number: t('im.cis') },
            { number: t('im.missing') },
            { number: t('im.relations') },
            { number: t('im.unseen') },
            t('ci.lastSeen'),
            t('im.absentCis'),
            t('im.absentRelations'),
          ]}
        >
          {items.map((source) => {
            const { name, absentCis, absentRelations } = source;
            return (
              <tr key={name}>
                <td>{name}</td>
                <td className="number">{count(source.cis)}</td>
                <td className="number">{count(source.missing)}</td>
                <td className="number">{count(source.relations)}</td>
                <td className="number">{count(source.unseenRelations)}</td>
                <td className="nowrap">{source.lastSeenAt ? timeText(new Date(source.lastSeenAt), language) : '–'}</td>
                <td>
                  <Policy
                    label={`${t('im.absentCis')}: ${name}`}
                    value={absentCis}
                    of={CI_POLICIES}
                    disabled={!mayWrite}
                    set={(policy) => put.mutate({ name, absentCis: policy, absentRelations })}
                  />
                </td>
                <td>
                  <Policy
                    label={`${t('im.absentRelations')}: ${name}`}
                    value={absentRelations}
                    of={RELATION_POLICIES}
                    disabled={!mayWrite}
                    set={(policy) => put.mutate({ name, absentCis, absentRelations: policy })}
                  />
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </section>
  );
}

function Policy<P extends 'keep' | 'mark_stale' | 'retire' | 'remove'>({
  label,
  value,
  of,
  disabled,
  set,
}: {
  label: string;
  value: P;
  of: readonly P[];
  disabled: boolean;
  set: (policy: P) => void;
}) {
  const { t } = useWords();
  return (
    <select aria-label={label} value={value} disabled={disabled} onChange={(event) => set(event.target.value as P)}>
      {of.map((policy) => (
        <option key={policy} value={policy}>
          {t(`policy.${policy}`)}
        </option>
      ))}
    </select>
  );
}
