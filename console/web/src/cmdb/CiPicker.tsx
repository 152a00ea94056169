import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { CiBrief, Found } from './answers.ts';
import { useModel } from './useModel.ts';

const SHOWN = 8;
const LEAST_LETTERS = 1;

/** Finds a CI by words and hands it on. */
export function CiPicker({ label, onPick }: { label: string; onPick: (ci: CiBrief) => void }) {
  const { t } = useWords();
  const { typeName } = useModel();
  const [text, setText] = useState('');
  const id = useId();
  const wanted = text.trim();
  const found = useQuery({
    queryKey: ['cmdb-find', wanted],
    queryFn: () => api<Found>(`/cmdb/search?limit=${SHOWN}&q=${encodeURIComponent(wanted)}`),
    enabled: wanted.length >= LEAST_LETTERS,
    placeholderData: (before) => before,
  });
  const items = wanted.length >= LEAST_LETTERS ? (found.data?.items ?? []) : [];
  const pick = (ci: CiBrief) => {
    setText('');
    onPick(ci);
  };
  const first = (event: FormEvent) => {
    event.preventDefault();
    const exact = items.find(({ key, name }) => key === wanted || name === wanted) ?? items[0];
    if (exact && !found.isPlaceholderData) pick(exact);
  };
  return (
    <form className="picker" onSubmit={first}>
      <label htmlFor={id}>{label}</label>{' '}
      <input
        id={id}
        type="search"
        value={text}
        autoComplete="off"
        placeholder={t('cm.findHint')}
        onChange={(event) => setText(event.target.value)}
      />
      <Failure of={found} />
      {wanted.length >= LEAST_LETTERS && found.data && items.length === 0 && (
        <p className="muted found">{t('cm.nothingFound', { text: wanted })}</p>
      )}
      {items.length > 0 && (
        <ul className="found">
          {items.map((ci) => (
            <li key={ci.id}>
              <button type="button" onClick={() => pick(ci)}>
                <strong>{ci.name}</strong>{' '}
                <span className="muted">
                  {ci.key === ci.name ? '' : `${ci.key} · `}
                  {typeName(ci.type)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
