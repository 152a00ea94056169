import type { FailedState } from '../model/state.ts';
import { GROUP_ENTRY, GROUP_PART_WORDS, HARD_WORDS, ROW_HEAD } from './dependentLists.ts';
import type { Projection } from './projection.ts';

/** What services that are not ok come to. */
export interface Loss {
  readonly servicesDown: number;
  readonly servicesDegraded: number;
  /** Of services that are down. */
  readonly costPerHour: number;
  readonly users: number;
  /** Of services that are degraded: what more would be lost with them. */
  readonly costPerHourAtRisk: number;
  readonly usersAtRisk: number;
}

/** A service that is not ok, and what it tells of itself. */
export interface HitService {
  readonly state: FailedState;
  readonly costPerHour: number;
  readonly users: number;
}

type Measure = 'costPerHour' | 'users';

/**
 * Sums up services that are not ok, nothing twice.
 *
 * A service that needs another one, directly or through further services that are not ok either, loses with it the same
 * money and the same users: of services so related only one counts, that which is down before that which is degraded,
 * then the one that tells the larger figure.
 *
 * @param hit in the order of rank
 * @param nodes the CI of each
 * @remarks O(services + what depends on them); O(services²) among those that are related to each other
 */
export function lossOf(projection: Projection, hit: readonly HitService[], nodes: readonly number[]): Loss {
  const related = relatedServices(projection, nodes);
  const costs = counted(hit, related, 'costPerHour');
  const users = counted(hit, related, 'users');
  const down = hit.reduce((count, { state }) => count + (state === 'down' ? 1 : 0), 0);
  return {
    servicesDown: down,
    servicesDegraded: hit.length - down,
    costPerHour: costs.down,
    users: users.down,
    costPerHourAtRisk: costs.degraded,
    usersAtRisk: users.degraded,
  };
}

/** By place among the services: places of those that need it directly. Empty where no service needs another one. */
function dependentServices(
  { lists, services, nodeCount }: Projection,
  nodes: readonly number[],
): Map<number, number[]> {
  const { start, words } = lists;
  const { isService } = services.ranking(nodeCount);
  // Made when first needed: few services are needed by another one.
  let placeOf: Map<number, number> | null = null;
  const found = new Map<number, number[]>();
  for (let place = 0; place < nodes.length; place += 1) {
    const row = start[nodes[place]!]!;
    const boundary = row + ROW_HEAD + words[row + HARD_WORDS]!;
    const end = boundary + words[row + GROUP_PART_WORDS]!;
    for (let i = row + ROW_HEAD; i < end; i += i < boundary ? 1 : GROUP_ENTRY) {
      const node = words[i]!;
      if (((isService[node >>> 5]! >>> node) & 1) === 0) continue;
      placeOf ??= new Map(nodes.map((one, at) => [one, at]));
      const dependent = placeOf.get(node);
      if (dependent === undefined) continue;
      const known = found.get(place);
      if (known === undefined) found.set(place, [dependent]);
      else known.push(dependent);
    }
  }
  return found;
}

/** By place: the services that need it, and those that it needs, through others too. */
function relatedServices(projection: Projection, nodes: readonly number[]): Map<number, Set<number>> {
  const dependents = dependentServices(projection, nodes);
  const related = new Map<number, Set<number>>();
  const relate = (a: number, b: number) => {
    const known = related.get(a);
    if (known === undefined) related.set(a, new Set([b]));
    else known.add(b);
  };
  for (const first of dependents.keys()) {
    const reached = new Set([first]);
    for (const place of reached) for (const next of dependents.get(place) ?? []) reached.add(next);
    reached.delete(first);
    for (const place of reached) {
      relate(first, place);
      relate(place, first);
    }
  }
  return related;
}

function counted(
  hit: readonly HitService[],
  related: ReadonlyMap<number, ReadonlySet<number>>,
  measure: Measure,
): Record<FailedState, number> {
  const sum = { down: 0, degraded: 0 };
  if (related.size === 0) {
    for (const service of hit) sum[service.state] += service[measure];
    return sum;
  }
  const taken = new Set<number>();
  const inOrder = [...related.keys()].sort(
    (a, b) =>
      (hit[a]!.state === 'down' ? 0 : 1) - (hit[b]!.state === 'down' ? 0 : 1) ||
      hit[b]![measure] - hit[a]![measure] ||
      a - b,
  );
  for (const place of inOrder) {
    if (taken.intersection(related.get(place)!).size > 0) continue;
    taken.add(place);
  }
  for (const [place, service] of hit.entries()) {
    if (!related.has(place) || taken.has(place)) sum[service.state] += service[measure];
  }
  return sum;
}
