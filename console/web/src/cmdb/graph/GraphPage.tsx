import { useState } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { CiPicker } from '../CiPicker.tsx';
import { hrefOf, type Place } from '../place.ts';
import { GraphKey } from './GraphKey.tsx';
import { GraphPicture } from './GraphPicture.tsx';
import { PickedCi } from './PickedCi.tsx';
import { usePart } from './usePart.ts';

const DEPTHS = [1, 2, 3, 4, 6] as const;
const DIRECTIONS = ['both', 'providers', 'dependents'] as const;
type Direction = (typeof DIRECTIONS)[number];
const MOST_CIS = 300;

/** The neighbourhood of a CI with the health of all that is drawn. */
export function GraphPage({ place }: { place: Place }) {
  const { t } = useWords();
  const root = place.query.get('ci');
  const go = (ci: string) => {
    location.hash = hrefOf('graph', null, { ci });
  };
  return (
    <>
      <h1>{t('gr.title')}</h1>
      <p className="muted">{t('gr.lead')}</p>
      <CiPicker label={t('gr.around')} onPick={({ id }) => go(id)} />
      {root === null && <p className="card muted">{t('gr.none')}</p>}
      {root !== null && <Neighbourhood key={root} root={root} go={go} />}
    </>
  );
}

function Neighbourhood({ root, go }: { root: string; go: (ci: string) => void }) {
  const { t } = useWords();
  const [depth, setDepth] = useState(2);
  const [direction, setDirection] = useState<Direction>('both');
  const [facts, setFacts] = useState(false);
  const [open, setOpen] = useState<readonly string[]>([]);
  const [picked, setPicked] = useState<string | null>(null);
  const part = usePart({ around: [root], depth, direction, facts, open, limit: MOST_CIS });
  const { data } = part;
  const rootId = data?.cis[0]?.id ?? null;
  const chosen = data?.cis.find(({ id }) => id === (picked ?? rootId));
  return (
    <>
      <div className="fields">
        <label>
          {t('gr.depth')}{' '}
          <select value={depth} onChange={(event) => setDepth(Number(event.target.value))}>
            {DEPTHS.map((steps) => (
              <option key={steps}>{steps}</option>
            ))}
          </select>
        </label>
        <label>
          {t('gr.direction')}{' '}
          <select value={direction} onChange={(event) => setDirection(event.target.value as Direction)}>
            {DIRECTIONS.map((one) => (
              <option key={one} value={one}>
                {t(`gr.direction.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={facts} onChange={(event) => setFacts(event.target.checked)} /> {t('gr.facts')}
        </label>
        {open.length > 0 && (
          <button type="button" onClick={() => setOpen([])}>
            {t('gr.closeAll')}
          </button>
        )}
      </div>
      <Failure of={part} />
      {part.isPending && <p className="muted">{t('app.loading')}</p>}
      {data && (
        <>
          <GraphPicture
            part={data}
            rootId={rootId}
            chosenId={chosen?.id ?? null}
            choose={setPicked}
            open={(id) => {
              setPicked(id);
              setOpen([...new Set([...open, id])]);
            }}
          />
          <GraphKey facts={facts} />
          {data.truncated && <p className="warn">{t('gr.truncated', { count: MOST_CIS })}</p>}
          {data.cis.length === 1 && <p className="muted">{t('gr.alone')}</p>}
          {chosen && (
            <PickedCi
              ci={chosen}
              isRoot={chosen.id === rootId}
              centre={() => go(chosen.id)}
              open={open.includes(chosen.id) ? null : () => setOpen([...open, chosen.id])}
            />
          )}
        </>
      )}
    </>
  );
}
