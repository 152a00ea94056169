import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Reason, type Replay } from '../api.ts';
import { countText, fromNs, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { Table } from '../shell/Table.tsx';
import { MessageDialog } from './MessageDialog.tsx';

const REFRESH_MS = 5_000;
const PROGRESS_MS = 1_000;

export function QuarantineSection({ mayReplay }: { mayReplay: boolean }) {
  const { t } = useWords();
  const [shown, setShown] = useState<string | null>(null);
  const reasons = useQuery({
    queryKey: ['reasons'],
    queryFn: () => api<{ items: Reason[] }>('/quarantine/reasons'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <section aria-label={t('quarantine.title')}>
      <h2>{t('quarantine.title')}</h2>
      <Failure of={reasons} />
      {reasons.data?.items.length === 0 && <p className="muted">{t('quarantine.empty')}</p>}
      {reasons.data && reasons.data.items.length > 0 && (
        <Table
          heads={[
            t('quarantine.reason'),
            { number: t('quarantine.units') },
            { number: t('quarantine.devices') },
            t('quarantine.last'),
            t('quarantine.example'),
            '',
          ]}
        >
          {reasons.data.items.map((reason) => (
            <ReasonRow key={reason.reasonCode} reason={reason} mayReplay={mayReplay} show={setShown} />
          ))}
        </Table>
      )}
      {shown && <MessageDialog id={shown} close={() => setShown(null)} />}
    </section>
  );
}

interface RowProps {
  reason: Reason;
  mayReplay: boolean;
  show: (id: string) => void;
}

function ReasonRow({ reason, mayReplay, show }: RowProps) {
  const { t, language } = useWords();
  const queries = useQueryClient();
  const [replayId, setReplayId] = useState<string | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const replay = useQuery({
    queryKey: ['replay', replayId],
    queryFn: async () => {
      const state = await api<Replay>(`/quarantine/replays/${replayId}`);
      if (state.finishedAt) await queries.invalidateQueries({ queryKey: ['reasons'] });
      return state;
    },
    enabled: replayId !== null,
    refetchInterval: ({ state }) => (state.data?.finishedAt ? false : PROGRESS_MS),
  });
  const { example } = reason;

  const start = async () => {
    setFailure(null);
    const body = { reasonCode: reason.reasonCode };
    await api<Replay>('/quarantine/replays', { method: 'POST', body }).then(({ id }) => setReplayId(id), setFailure);
  };

  return (
    <tr>
      <td>
        <code>{reason.reasonCode}</code>
      </td>
      <td className="number">{countText(reason.units, language)}</td>
      <td className="number">{countText(reason.devices, language)}</td>
      <td className="nowrap">{timeText(fromNs(reason.lastReceivedAt), language)}</td>
      <td>
        <strong>{example.device}</strong>
        {example.field && (
          <>
            {' · '}
            <code>{example.field}</code>
          </>
        )}
        <br />
        {example.reason}{' '}
        <button type="button" className="link" onClick={() => show(example.id)}>
          {t('quarantine.show')}
        </button>
      </td>
      <td>
        {mayReplay && (
          <button type="button" disabled={replay.data?.finishedAt === null} onClick={() => void start()}>
            {t('quarantine.replay')}
          </button>
        )}
        {replay.data && <ReplayProgress replay={replay.data} />}
        <Failure of={{ error: failure ?? replay.error }} />
      </td>
    </tr>
  );
}

function ReplayProgress({ replay }: { replay: Replay }) {
  const { t } = useWords();
  const { done, entries, stored, duplicate, remaining } = replay;
  if (replay.finishedAt) return <p className="muted">{t('quarantine.replayed', { stored, duplicate, remaining })}</p>;
  return (
    <>
      <progress max={Math.max(1, entries)} value={done} />
      <p className="muted">{t('quarantine.replaying', { done, entries, stored })}</p>
    </>
  );
}
