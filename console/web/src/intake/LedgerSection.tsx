import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type DeviceTerms, type Ledger, type LedgerHour, type LedgerTerms } from '../api.ts';
import type { Key } from '../i18n/en.ts';
import { countText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { Table } from '../shell/Table.tsx';
import { HoursChart } from './HoursChart.tsx';

const TERMS = [
  'accepted',
  'stored',
  'duplicate',
  'pending',
  'quarantined',
  'expired',
] as const satisfies (keyof LedgerTerms)[];
const TOTALS_MS = 2_000;
const HOURS_MS = 10_000;
const HOUR_MS = 3_600_000;

export function LedgerSection({ hours }: { hours: number }) {
  const { t, language } = useWords();
  const [device, setDevice] = useState<string | null>(null);
  const from = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS - hours * HOUR_MS);
  const span = `from=${from.toISOString()}`;
  const of = device === null ? '' : `&device=${encodeURIComponent(device)}`;

  const totals = useQuery({
    queryKey: ['ledger'],
    queryFn: () => api<Ledger>('/ledger?count=false'),
    refetchInterval: TOTALS_MS,
  });
  const byHour = useQuery({
    queryKey: ['ledger-hours', span, device],
    queryFn: () => api<{ items: LedgerHour[] }>(`/ledger/hours?${span}${of}`),
    refetchInterval: HOURS_MS,
    placeholderData: keepPreviousData,
  });
  const byDevice = useQuery({
    queryKey: ['ledger-devices', span],
    queryFn: () => api<{ items: DeviceTerms[] }>(`/ledger/devices?${span}`),
    refetchInterval: HOURS_MS,
    placeholderData: keepPreviousData,
  });

  return (
    <section aria-label={t('ledger.title')}>
      <h2>
        {t('ledger.title')}{' '}
        {totals.data && (
          <span className={totals.data.balanced ? 'badge good' : 'badge bad'}>
            {t(totals.data.balanced ? 'ledger.balanced' : 'ledger.unbalanced')}
          </span>
        )}
      </h2>
      <Failure of={totals} />
      <dl className="totals">
        {TERMS.map((term) => (
          <div key={term} className={`term ${term}`}>
            <dt>{t(`term.${term}` as Key)}</dt>
            <dd>{totals.data ? countText(totals.data[term], language) : '–'}</dd>
          </div>
        ))}
      </dl>
      <h3>
        {device === null ? t('ledger.hours') : t('ledger.hoursOf', { device })}{' '}
        {device !== null && (
          <button type="button" className="link" onClick={() => setDevice(null)}>
            {t('ledger.allDevices')}
          </button>
        )}
      </h3>
      <Failure of={byHour} />
      {byHour.data && <HoursChart hours={byHour.data.items} fromMs={from.getTime()} count={hours} />}
      {byDevice.data?.items.length === 0 && <p className="muted">{t('ledger.empty')}</p>}
      {byDevice.data && byDevice.data.items.length > 0 && (
        <Table heads={[t('ledger.device'), ...TERMS.map((term) => ({ number: t(`term.${term}` as Key) }))]}>
          {byDevice.data.items.map((row) => (
            <tr key={row.device} className={row.device === device ? 'chosen' : ''}>
              <td>
                <button type="button" className="link" onClick={() => setDevice(row.device)}>
                  {row.device}
                </button>
              </td>
              {TERMS.map((term) => (
                <td key={term} className={term === 'quarantined' && row[term] > 0 ? 'number bad' : 'number'}>
                  {countText(row[term], language)}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
