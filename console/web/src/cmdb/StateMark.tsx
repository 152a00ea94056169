import { useWords } from '../i18n/i18n.ts';
import type { State } from './answers.ts';

export type Shown = State | 'planned';

/** A sign for each state: told apart by form, not by colour alone. */
export const SIGNS: Readonly<Record<Shown, string>> = { ok: '●', degraded: '▲', down: '✖', planned: '◆' };

/** Work that was announced is shown as such, not as a failure. */
export function shownState({ state, planned = false }: { state: State; planned?: boolean | undefined }): Shown {
  return planned && state !== 'ok' ? 'planned' : state;
}

export function StateMark({ of }: { of: { state: State; planned?: boolean | undefined } }) {
  const { t } = useWords();
  const shown = shownState(of);
  return (
    <span className={`mark ${shown}`}>
      <span aria-hidden="true">{SIGNS[shown]}</span> {t(`state.${shown}`)}
    </span>
  );
}
