import { timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Table } from '../shell/Table.tsx';
import type { PointThresholds, Setting } from './answers.ts';

/** What holds at a point, where it comes from, and who set it why. */
export function SettingsTable({
  point,
  catalogue,
  onTry,
  tried,
}: {
  point: PointThresholds;
  catalogue: Setting[];
  onTry: ((setting: string) => void) | null;
  tried: string | null;
}) {
  const { t, language, said } = useWords();
  const named = new Map(catalogue.map((setting) => [setting.name, setting]));
  return (
    <Table heads={[t('th.setting'), { number: t('th.value') }, t('th.source'), t('th.why'), ...(onTry ? [''] : [])]}>
      {point.settings.map(({ setting: name, value, source, held, narrower }) => {
        const setting = named.get(name)!;
        return (
          <tr key={name} className={tried === name ? 'chosen' : ''}>
            <td>
              <strong>{setting.label[said]}</strong>
              <div className="muted">{setting.meaning[said]}</div>
            </td>
            <td className="number nowrap">
              {value === null ? t('th.standard') : `${value} ${setting.unit}`}
              {narrower.map((own) => (
                <div key={own.changeId} className="muted">
                  {[own.scope.feature, own.scope.regime].filter(Boolean).join(' · ')}: {own.value}
                </div>
              ))}
            </td>
            <td className="nowrap">{t(`source.${source}`)}</td>
            <td>
              {held && (
                <>
                  {held.author} · {timeText(new Date(held.appliedAt), language)}
                  <div className="muted">{held.reason}</div>
                </>
              )}
            </td>
            {onTry && (
              <td>
                <button type="button" onClick={() => onTry(name)}>
                  {t('th.try')}
                </button>
              </td>
            )}
          </tr>
        );
      })}
    </Table>
  );
}
