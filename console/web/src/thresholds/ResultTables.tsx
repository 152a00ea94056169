import { countText, durationText, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Table } from '../shell/Table.tsx';
import type { SimulationResult } from './answers.ts';

const COUNTS = [
  'alarms',
  'alarmsPerMonth',
  'caught',
  'missed',
  'falseAlarms',
  'otherCauses',
  'undecided',
  'unknown',
] as const;
const SHARES = ['precision', 'recall'] as const;

/** What a simulation found: scores side by side, then order by order and feature by feature. */
export function ResultTables({ result }: { result: SimulationResult }) {
  const { t, language } = useWords();
  const figure = (value: number | null) => (value === null ? '–' : countText(Math.round(value * 10) / 10, language));
  const percent = (value: number | null) => (value === null ? '–' : `${Math.round(value * 100)} %`);
  const when = (ms: number | null) => (ms === null ? t('th.missedNow') : timeText(new Date(ms), language));
  const shift = (ms: number | null) => {
    if (ms === null) return '';
    if (ms === 0) return t('th.same');
    return t(ms > 0 ? 'th.earlier' : 'th.later', { time: durationText(Math.abs(ms) / 1000, t) });
  };
  const rate = result.observationsPerSecond;
  return (
    <>
      <h3>{t('th.result')}</h3>
      <p className="muted">
        {t('th.speed', {
          count: countText(result.observations, language),
          points: result.points,
          rate: rate === null ? '' : t('unit.perSecond', { value: countText(rate, language) }),
        })}
      </p>
      <Table className="scores" heads={['', { number: t('th.now') }, { number: t('th.then') }]}>
        {COUNTS.map((key) => (
          <tr key={key}>
            <td>{t(`score.${key}`)}</td>
            <td className="number">{figure(result.current.score[key])}</td>
            <td className="number">{figure(result.proposed.score[key])}</td>
          </tr>
        ))}
        {SHARES.map((key) => (
          <tr key={key}>
            <td>{t(`score.${key}`)}</td>
            <td className="number">{percent(result.current.score[key])}</td>
            <td className="number">{percent(result.proposed.score[key])}</td>
          </tr>
        ))}
        {result.features.map(({ feature, current, proposed }) => (
          <tr key={feature}>
            <td>
              {t('th.spoke')}: {feature}
            </td>
            <td className="number">{countText(current?.spoke ?? 0, language)}</td>
            <td className="number">{countText(proposed?.spoke ?? 0, language)}</td>
          </tr>
        ))}
      </Table>
      {result.anomalies.length > 0 && (
        <>
          <h3>{t('th.orders')}</h3>
          <Table heads={[t('th.what'), t('th.found'), t('th.now'), t('th.then'), '']}>
            {result.anomalies.map((row) => (
              <tr key={row.anomalyId ?? row.order}>
                <td>{[row.order, row.assetName, row.fault].filter(Boolean).join(' · ')}</td>
                <td>{t(`label.${row.label ?? 'open'}`)}</td>
                <td className="nowrap">{when(row.currentMs)}</td>
                <td className="nowrap">{when(row.proposedMs)}</td>
                <td className="nowrap">{shift(row.earlierByMs)}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </>
  );
}
