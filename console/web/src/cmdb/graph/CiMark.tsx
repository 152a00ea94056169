import type { KeyboardEvent } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import type { PartCi } from '../answers.ts';
import { SIGNS, shownState } from '../StateMark.tsx';
import { useModel } from '../useModel.ts';
import { CI_BOX, fitting } from './picture.ts';

interface CiMarkProps {
  ci: PartCi;
  at: { x: number; y: number };
  marks: readonly string[];
  choose: (id: string) => void;
  open: ((id: string) => void) | undefined;
  walk: (event: KeyboardEvent, id: string) => void;
}

/** A CI of the picture, chosen by click or Enter, with how much is left out on either side. */
export function CiMark({ ci, at, marks, choose, open, walk }: CiMarkProps) {
  const { t } = useWords();
  const { typeName } = useModel();
  const { width, height } = CI_BOX;
  const shown = shownState(ci);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(ci.id);
    } else walk(event, ci.id);
  };
  const { providers, dependents } = ci.hidden;
  return (
    <g transform={`translate(${at.x - width / 2} ${at.y - height / 2})`} className={['ci', shown, ...marks].join(' ')}>
      {/* biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG */}
      <g
        role="button"
        tabIndex={0}
        data-ci={ci.id}
        aria-label={`${ci.name}, ${typeName(ci.type)}, ${t(`state.${shown}`)}`}
        aria-pressed={marks.includes('picked')}
        onClick={() => choose(ci.id)}
        onKeyDown={onKey}
      >
        <title>{`${ci.name} (${ci.key})`}</title>
        <rect className="box" width={width} height={height} rx="7" />
        <rect className="edge" width="6" height={height} rx="3" />
        <text className="name" x="15" y="21">
          {fitting(ci.name, width - 26)}
        </text>
        <text className="under" x="15" y="39">
          <tspan className="sign">{SIGNS[shown]}</tspan>{' '}
          {fitting(`${t(`state.${shown}`)} · ${typeName(ci.type)}`, width - 20)}
        </text>
      </g>
      {providers > 0 && <More ci={ci} side="providers" count={providers} x={-8} open={open} />}
      {dependents > 0 && <More ci={ci} side="dependents" count={dependents} x={width + 8} open={open} />}
    </g>
  );
}

interface MoreProps {
  ci: PartCi;
  side: 'providers' | 'dependents';
  count: number;
  x: number;
  open: ((id: string) => void) | undefined;
}

/** How many relations of a CI the picture leaves out on one side. */
function More({ ci, side, count, x, open }: MoreProps) {
  const { t } = useWords();
  const text = `+${count}`;
  const width = 12 + 7 * text.length;
  const label = t(`gr.more.${side}`, { count, name: ci.name });
  const look = () => open?.(ci.id);
  return (
    // biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG
    <g
      className="more"
      transform={`translate(${side === 'providers' ? x - width : x} ${CI_BOX.height / 2 - 10})`}
      role="button"
      tabIndex={open ? 0 : -1}
      aria-disabled={!open}
      aria-label={label}
      onClick={look}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') look();
      }}
    >
      <title>{label}</title>
      <rect width={width} height="20" rx="10" />
      <text x={width / 2} y="14" textAnchor="middle">
        {text}
      </text>
    </g>
  );
}
