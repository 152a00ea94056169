import type { Part, PartCi, PartGroup, PartRelation, State } from '../answers.ts';
import type { Box, Line } from './layout.ts';

export const CI_BOX = { width: 204, height: 50 } as const;
const GROUP_BOX = { width: 92, height: 26 } as const;

/** A line of the picture: a relation, or a redundancy group on its way to the CI that needs it. */
export interface Tie extends Line {
  readonly kind: 'impact' | 'fact';
  /** Failure travels along it. */
  readonly carrying: boolean;
  readonly relation: PartRelation | null;
}

export interface GroupNode {
  readonly id: string;
  readonly group: PartGroup;
  readonly state: State;
}

export interface Picture {
  readonly cis: ReadonlyMap<string, PartCi>;
  readonly groups: readonly GroupNode[];
  readonly ties: readonly Tie[];
  readonly boxes: readonly Box[];
}

/** The CI that takes the other with it, and the one that goes with it; a fact is drawn as it is told. */
export function endsOf({ impact, fromId, toId }: Pick<PartRelation, 'impact' | 'fromId' | 'toId'>): [string, string] {
  return impact === 'to-fails' ? [toId, fromId] : [fromId, toId];
}

export const groupId = (ciId: string, group: string): string => `${ciId} ${group}`;

/** A group is down when less is up than must be, and weakened when anything of it is lost. */
export function groupState({ up, members, minUp, weight }: PartGroup): State {
  if ((weight?.up ?? up) < minUp) return 'down';
  return up < members ? 'degraded' : 'ok';
}

/** What is drawn of a part of the graph. */
export function pictureOf(part: Part): Picture {
  const cis = new Map(part.cis.map((ci) => [ci.id, ci]));
  const isIll = (id: string) => (cis.get(id)?.state ?? 'ok') !== 'ok';
  const groups = part.groups.map((group) => ({
    id: groupId(group.ciId, group.group),
    group,
    state: groupState(group),
  }));
  const known = new Set(groups.map(({ id }) => id));
  const ties: Tie[] = part.relations.map((relation) => {
    const [from, end] = endsOf(relation);
    const kind = relation.impact === 'none' ? 'fact' : 'impact';
    const group = groupId(end, relation.redundancyGroup ?? '');
    const to = kind === 'impact' && relation.redundancyGroup !== null && known.has(group) ? group : end;
    const carrying = kind === 'impact' && isIll(from) && isIll(end);
    return { id: relation.id, from, to, kind, carrying, relation };
  });
  const carried = new Set(ties.filter(({ carrying }) => carrying).map(({ to }) => to));
  for (const { id, group, state } of groups) {
    const carrying = isIll(group.ciId) && (state !== 'ok' || carried.has(id));
    ties.push({ id: `${id} →`, from: id, to: group.ciId, kind: 'impact', carrying, relation: null });
  }
  const boxes: Box[] = [
    ...part.cis.map(({ id }) => ({ id, ...CI_BOX })),
    ...groups.map(({ id }) => ({ id, ...GROUP_BOX })),
  ];
  return { cis, groups, ties, boxes };
}

/** What the places depend on: a picture in which only states have changed stays as it is laid out. */
export function shapeOf({ boxes, ties }: Picture): string {
  return JSON.stringify([boxes.map(({ id }) => id), ties.map(({ id, from, to }) => [id, from, to])]);
}

export const groupBox = GROUP_BOX;

/** A line from layer to layer, level where it meets a box. */
export function pathOf(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let before = first;
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (const point of rest) {
    const bend = (point.x - before.x) / 2;
    path += ` C${round(before.x + bend)} ${round(before.y)} ${round(point.x - bend)} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    before = point;
  }
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;

const WIDE = /[\u1100-\uffdc]/;

/** As much of a text as fits so many px at 13 px letters. */
export function fitting(text: string, width: number): string {
  let used = 0;
  for (const [i, letter] of [...text].entries()) {
    used += WIDE.test(letter) ? 13 : 7;
    if (used > width) return `${[...text].slice(0, i - 1).join('')}…`;
  }
  return text;
}
