import { useState } from 'react';
import type { Me } from '../api.ts';
import type { Key } from '../i18n/en.ts';
import { useWords } from '../i18n/i18n.ts';
import { LedgerSection } from './LedgerSection.tsx';
import { QuarantineSection } from './QuarantineSection.tsx';
import { SpoolSection } from './SpoolSection.tsx';

const SPANS_HOURS = [6, 24, 168, 720] as const;

/** What whoever runs the intake looks at: is it coming in, is it being stored, what was refused and why. */
export function IntakePage({ me }: { me: Me }) {
  const { t } = useWords();
  const [hours, setHours] = useState<number>(24);
  const may = (permission: string) => me.permissions.includes(permission);
  if (!may('ledger:read')) return <p className="alarm">{t('app.forbidden')}</p>;

  return (
    <>
      <div className="titleline">
        <h1>{t('intake.title')}</h1>
        <label>
          {t('span.label')}{' '}
          <select value={hours} onChange={(event) => setHours(Number(event.target.value))}>
            {SPANS_HOURS.map((span) => (
              <option key={span} value={span}>
                {t(`span.${span}` as Key)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="muted">{t('intake.lead')}</p>
      {may('system:read') && <SpoolSection />}
      <LedgerSection hours={hours} />
      {may('quarantine:read') && <QuarantineSection mayReplay={may('quarantine:replay')} />}
    </>
  );
}
