import type { CiState, FailedState } from '../model/state.ts';
import type { Projection } from './projection.ts';
import type { Propagator, Seed } from './propagator.ts';

/** How much of a redundancy group is up. */
export interface GroupState {
  readonly up: number;
  readonly members: number;
  /** Members that must be up; of a weighted group, how much weight. */
  readonly minUp: number;
  readonly weight: { readonly up: number; readonly all: number } | null;
}

/** The states of all CIs at once, at present or under a supposition, for whoever draws a part of the graph. */
export interface Overlay {
  readonly graphVersion: string;
  readonly healthVersion: string;
  /** `ok` also for a CI that is not in the graph. */
  stateOf(ciId: string): CiState;
  /** What is told of the CI itself, apart from what follows from others; null when nothing is. */
  ownOf(ciId: string): { readonly state: FailedState; readonly planned: boolean } | null;
  groupOf(ciId: string, group: string): GroupState | null;
}

/**
 * Propagates what is not ok, and keeps all of the outcome. O(what is reached)
 * @param seeds all that is not ok by itself
 */
export function overlayOf(
  projection: Projection,
  propagator: Propagator,
  seeds: readonly (Seed & { readonly planned?: boolean | undefined })[],
  healthVersion: string,
): Overlay {
  propagator.run(seeds);
  const { queue, downCount, reachedCount } = propagator;
  const states = new Map<number, FailedState>();
  for (let place = 0; place < reachedCount; place += 1)
    states.set(queue[place]!, place < downCount ? 'down' : 'degraded');
  const own = new Map(seeds.map(({ node, state, planned = false }) => [node, { state, planned }]));
  const lost = propagator.lostByGroup();
  const { groups } = projection;
  return {
    graphVersion: String(projection.version),
    healthVersion,
    stateOf: (ciId) => states.get(projection.find(ciId) ?? -1) ?? 'ok',
    ownOf: (ciId) => own.get(projection.find(ciId) ?? -1) ?? null,
    groupOf: (ciId, group) => {
      const at = groups.find(projection.find(ciId) ?? -1, group);
      if (at === undefined) return null;
      const members = groups.members(at);
      const all = groups.weight(at);
      const gone = lost.get(at) ?? { members: 0, weight: 0 };
      const weight = all === members ? null : { up: all - gone.weight, all };
      return { up: members - gone.members, members, minUp: groups.minUp(at), weight };
    },
  };
}
