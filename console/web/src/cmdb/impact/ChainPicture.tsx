import { useState } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { AffectedService, Supposed } from '../answers.ts';
import { isNamed } from '../CiLink.tsx';
import { GraphKey } from '../graph/GraphKey.tsx';
import { GraphPicture } from '../graph/GraphPicture.tsx';
import { PickedCi } from '../graph/PickedCi.tsx';
import { usePart } from '../graph/usePart.ts';
import { hrefOf } from '../place.ts';

/** Neighbours shown beside each step: enough to see what else the step stands on. */
const BESIDE = 4;
const MOST_STEPS = 50;
const MOST_CIS = 80;

/** How a failure gets to a service, on the graph, with what stands beside each step. */
export function ChainPicture({ service, supposed }: { service: AffectedService; supposed: Supposed }) {
  const { t } = useWords();
  const [picked, setPicked] = useState<string | null>(null);
  // What is withheld of the chain is not drawn; what stands around the gap is.
  const chain = service.causeChain.filter(isNamed).map(({ ciId }) => ciId);
  const part = usePart({ around: chain.slice(0, MOST_STEPS), depth: 1, fanout: BESIDE, limit: MOST_CIS, supposed });
  const chosen = part.data?.cis.find(({ id }) => id === picked);
  return (
    <section aria-label={t('wb.chain', { name: service.name })}>
      <h3>{t('wb.chain', { name: service.name })}</h3>
      <Failure of={part} />
      {part.isPending && <p className="muted">{t('app.loading')}</p>}
      {part.data && (
        <>
          <GraphPicture part={part.data} rootId={service.ciId} chosenId={picked} chain={chain} choose={setPicked} />
          <GraphKey />
          {chosen && (
            <PickedCi
              ci={chosen}
              isRoot={false}
              open={null}
              centre={() => {
                location.hash = hrefOf('graph', null, { ci: chosen.id });
              }}
            />
          )}
        </>
      )}
    </section>
  );
}
