import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import type { Part, PartCi } from '../answers.ts';
import { SIGNS, shownState } from '../StateMark.tsx';
import { useModel } from '../useModel.ts';
import { type Layout, layered } from './layout.ts';
import {
  CI_BOX,
  fitting,
  type GroupNode,
  groupBox,
  groupId,
  type Picture,
  pathOf,
  pictureOf,
  shapeOf,
} from './picture.ts';
import { useView } from './useView.ts';

/** Heights of the picture on the page, px; a larger one is moved about in it. */
const LOWEST = 260;
const TALLEST = 560;

export interface GraphPictureProps {
  part: Part;
  /** The CI that the picture is about. */
  rootId: string | null;
  chosenId: string | null;
  /** A cause chain to be told apart, failed CI first. */
  chain?: readonly string[];
  choose: (id: string) => void;
  /** Shows what is left out beside a CI; without it what is left out is only counted. */
  open?: ((id: string) => void) | undefined;
}

/** A part of the dependency graph: failure travels from left to right. */
export function GraphPicture({ part, rootId, chosenId, chain = [], choose, open }: GraphPictureProps) {
  const { t } = useWords();
  const svg = useRef<SVGSVGElement>(null);
  const picture = useMemo(() => pictureOf(part), [part]);
  const layout = useLayout(picture);
  const focus = useRef<string | null>(null);
  focus.current = [chosenId, chain[0], rootId].find((id) => id && picture.cis.has(id)) ?? null;
  const view = useView(svg, layout, focus);
  const inChain = new Set(chain);
  const steps = new Set(chain.slice(1).map((id, i) => `${chain[i]} ${id}`));
  const passed = (from: string, to: string) => steps.has(`${from} ${to}`);
  const { scale, x, y } = view.view;

  const walk = (event: KeyboardEvent, id: string) => {
    const next = neighbourOf(picture, layout, id, event.key);
    if (next === null) return;
    event.preventDefault();
    view.reveal(layout.places.get(next)!);
    svg.current?.querySelector<SVGGElement>(`[data-ci="${next}"]`)?.focus();
  };

  return (
    <div className="graph">
      <div className="graphTools">
        <button type="button" onClick={view.zoomIn} aria-label={t('gr.zoomIn')}>
          +
        </button>
        <button type="button" onClick={view.zoomOut} aria-label={t('gr.zoomOut')}>
          −
        </button>
        <button type="button" onClick={view.showAll}>
          {t('gr.fit')}
        </button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of SVG is no fieldset */}
      <svg
        ref={svg}
        height={Math.min(TALLEST, Math.max(LOWEST, layout.height))}
        role="group"
        aria-label={t('gr.picture', { count: part.cis.length })}
        {...view.pointer}
      >
        <defs>
          {(['plain', 'carrying'] as const).map((kind) => (
            <marker
              key={kind}
              id={`arrow-${kind}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerUnits="userSpaceOnUse"
              markerWidth="11"
              markerHeight="11"
              orient="auto"
            >
              <path d="M0 0.5 L7.5 4 L0 7.5 z" className={`arrow ${kind}`} />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${x} ${y}) scale(${scale})`}>
          {picture.ties.map(({ id, from, to, kind, carrying, relation }) => {
            const end = relation === null ? from.split(' ')[0]! : to.split(' ')[0]!;
            const isStep =
              relation === null ? [...inChain].some((one) => passed(one, end)) && carrying : passed(from, end);
            return (
              <path
                key={id}
                className={['tie', kind, carrying ? 'carrying' : '', isStep ? 'step' : ''].join(' ')}
                d={pathOf(layout.ways.get(id) ?? [])}
                markerEnd={
                  kind === 'fact' || to.includes(' ') ? undefined : `url(#arrow-${carrying ? 'carrying' : 'plain'})`
                }
              >
                {relation && <title>{relation.type}</title>}
              </path>
            );
          })}
          {picture.groups.map((group) => (
            <GroupMark key={group.id} of={group} at={layout.places.get(group.id)!} />
          ))}
          {part.cis.map((ci) => (
            <CiMark
              key={ci.id}
              ci={ci}
              at={layout.places.get(ci.id)!}
              marks={[
                ci.id === rootId ? 'root' : '',
                ci.id === chosenId ? 'picked' : '',
                inChain.has(ci.id) ? 'step' : '',
              ]}
              choose={choose}
              open={open}
              walk={walk}
            />
          ))}
        </g>
      </svg>
    </div>
  );
}

/** Laid out anew only when something else is drawn: a change of health moves nothing. */
function useLayout(picture: Picture): Layout {
  const shape = shapeOf(picture);
  const [drawn, setDrawn] = useState(() => ({ shape, layout: layered(picture.boxes, picture.ties) }));
  if (drawn.shape === shape) return drawn.layout;
  const layout = layered(picture.boxes, picture.ties);
  setDrawn({ shape, layout });
  return layout;
}

interface CiMarkProps {
  ci: PartCi;
  at: { x: number; y: number };
  marks: readonly string[];
  choose: (id: string) => void;
  open: ((id: string) => void) | undefined;
  walk: (event: KeyboardEvent, id: string) => void;
}

function CiMark({ ci, at, marks, choose, open, walk }: CiMarkProps) {
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

function GroupMark({ of, at }: { of: GroupNode; at: { x: number; y: number } }) {
  const { t } = useWords();
  const { width, height } = groupBox;
  const { group, up, members, minUp, weight } = of.group;
  const sign = SIGNS[of.state];
  const text = `${sign} ${weight?.up ?? up}/${weight?.all ?? members} ≥ ${minUp}`;
  return (
    <g className={`redundancy ${of.state}`} transform={`translate(${at.x - width / 2} ${at.y - height / 2})`}>
      <title>
        {t(weight ? 'gr.groupWeight' : 'gr.group', {
          group,
          up: weight?.up ?? up,
          members: weight?.all ?? members,
          minUp,
        })}
      </title>
      <rect width={width} height={height} rx="13" />
      <text x={width / 2} y="17" textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

/** Where an arrow key leads from a CI: along the lines, or up and down in its layer. */
function neighbourOf({ ties, cis, groups }: Picture, layout: Layout, id: string, key: string): string | null {
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const layer = layout.layers.find((ids) => ids.includes(id))?.filter((one) => cis.has(one)) ?? [];
    return layer[layer.indexOf(id) + (key === 'ArrowDown' ? 1 : -1)] ?? null;
  }
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return null;
  const past = new Map(groups.map((group) => [groupId(group.group.ciId, group.group.group), group.group.ciId]));
  for (const { from, to, relation } of ties) {
    if (relation === null) continue;
    const end = past.get(to) ?? to;
    if (key === 'ArrowLeft' && end === id) return from;
    if (key === 'ArrowRight' && from === id) return end;
  }
  return null;
}
