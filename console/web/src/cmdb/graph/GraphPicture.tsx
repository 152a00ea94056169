import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import type { Part } from '../answers.ts';
import { CiMark } from './CiMark.tsx';
import { GroupMark } from './GroupMark.tsx';
import { type Layout, layered } from './layout.ts';
import { groupId, type Picture, pathOf, pictureOf, shapeOf } from './picture.ts';
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
