import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Me } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { Model } from './answers.ts';
import { FitSection } from './FitSection.tsx';
import { ModelPanel } from './ModelPanel.tsx';
import { ModelsTable } from './ModelsTable.tsx';
import { UploadSection } from './UploadSection.tsx';

const REFRESH_MS = 10_000;

/** The models of the plant: which speak, which are on trial, and whether they still see what they were trained on. */
export function ModelsPage({ me }: { me: Me }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<string | null>(null);
  const mayRead = me.permissions.includes('models:read');
  const mayChange = me.permissions.includes('models:write');
  const models = useQuery({
    queryKey: ['models'],
    queryFn: () => api<{ items: Model[] }>('/models'),
    refetchInterval: REFRESH_MS,
    enabled: mayRead,
  });
  if (!mayRead) return <p className="alarm">{t('md.forbidden')}</p>;
  const items = models.data?.items ?? [];
  const model = items.find(({ id }) => id === chosen);
  return (
    <>
      <h1>{t('md.title')}</h1>
      <p className="muted">{t('md.lead')}</p>
      <Failure of={models} />
      {models.isPending && <p className="muted">{t('app.loading')}</p>}
      {models.data && <ModelsTable models={items} chosen={chosen} choose={setChosen} />}
      {model && <ModelPanel key={model.id} model={model} mayChange={mayChange} />}
      {mayChange && <UploadSection />}
      {mayChange && <FitSection />}
    </>
  );
}
