import { LOST, SLACK } from './groupTable.ts';
import type { CiCard, Projection } from './projection.ts';
import type { Propagator, Seed } from './propagator.ts';
import { OUTRIGHT, type ProviderLists } from './providerLists.ts';
import type { ServiceFacts } from './serviceTable.ts';

/** A CI whose loss alone takes something down. */
export interface SingleLoss extends CiCard {
  /** Dependencies between it and what goes down, at the least. */
  readonly distance: number;
}

/** A CI whose loss alone takes services down, and what that means. A service is one when others go down with it. */
export interface SinglePoint extends CiCard {
  /** Itself not counted. */
  readonly servicesDown: number;
  /** Of the services that go down: the most critical (1 is the highest), the sums. */
  readonly criticality: number;
  readonly costPerHour: number;
  readonly users: number;
}

/** How many candidates are tried between two looks at the clock. */
const TRIES_A_LOOK = 64;

/**
 * The CIs whose loss, by itself and on top of what is not ok already, takes `target` down; nearest first.
 *
 * What the target needs outright, or by a group that has none to spare, is certain without a try, and so is what those
 * need; only what feeds several members of one group has to be tried.
 *
 * @param health what is not ok already; a target that is down already has no next loss
 * @returns null when it is down already
 * @remarks O(upstream) and one radius for each uncertain candidate
 */
export function nextLosses(
  projection: Projection,
  propagator: Propagator,
  providers: ProviderLists,
  target: number,
  health: readonly Seed[],
): SingleLoss[] | null {
  propagator.run(health);
  const gone = new Set(propagator.queue.subarray(0, propagator.downCount));
  if (gone.has(target)) return null;
  const certain = certainLosses(projection, providers, target, gone);
  const { nodes, distances } = providers.upstream([target]);
  const losses: SingleLoss[] = [];
  for (const [i, node] of nodes.entries()) {
    if (gone.has(node) || node === target) continue;
    if (!certain.has(node) && !takesDown(propagator, node, target, health)) continue;
    losses.push({ ...projection.cards[node]!, distance: distances[i]! });
  }
  return losses;
}

/** To be asked right after a run over the present health: it counts what each group has lost by it. */
function certainLosses(
  projection: Projection,
  providers: ProviderLists,
  target: number,
  gone: ReadonlySet<number>,
): Set<number> {
  const { words } = projection.groups;
  const certain = new Set([target]);
  const open = [target];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (let i = providers.first[node]!; i < providers.first[node + 1]!; i += 1) {
      const provider = providers.providers[i]!;
      const group = providers.groups[i]!;
      if (gone.has(provider) || certain.has(provider)) continue;
      if (group !== OUTRIGHT && words[group + LOST]! + providers.weights[i]! <= words[group + SLACK]!) continue;
      certain.add(provider);
      open.push(provider);
    }
  }
  return certain;
}

function takesDown(propagator: Propagator, node: number, target: number, health: readonly Seed[]): boolean {
  propagator.run([{ node, state: 'down' }], health);
  return propagator.queue.subarray(0, propagator.downCount).includes(target);
}

/**
 * Every CI whose loss alone takes a service down that is not itself, worst first, as parts of work between which others may run.
 *
 * @param most how many to keep
 * @yields how many candidates of how many were tried
 * @remarks one radius for each CI upstream of a service; O(most) memory besides
 */
export function* singlePoints(
  projection: Projection,
  propagator: Propagator,
  providers: ProviderLists,
  health: readonly Seed[],
  most: number,
): Generator<{ done: number; total: number }, SinglePoint[]> {
  const { byRank, rankOf, isService } = projection.services.ranking(projection.nodeCount);
  const candidates = providers.upstream(new Set(byRank.map((service) => service.node))).nodes;
  const points: SinglePoint[] = [];
  yield { done: 0, total: candidates.length };
  for (const [tried, node] of candidates.entries()) {
    propagator.run([{ node, state: 'down' }], health);
    const lost: ServiceFacts[] = [];
    const { queue, downCount } = propagator;
    for (let place = 0; place < downCount; place += 1) {
      const fallen = queue[place]!;
      if (fallen !== node && ((isService[fallen >>> 5]! >>> fallen) & 1) === 1) lost.push(byRank[rankOf[fallen]!]!);
    }
    if (lost.length > 0) points.push(pointOf(projection.cards[node]!, lost));
    if (points.length > 4 * most + 64) points.sort(worseFirst).splice(most);
    if ((tried + 1) % TRIES_A_LOOK === 0) yield { done: tried + 1, total: candidates.length };
  }
  return points.sort(worseFirst).slice(0, most);
}

function pointOf(card: CiCard, lost: readonly ServiceFacts[]): SinglePoint {
  return {
    ...card,
    servicesDown: lost.length,
    criticality: lost.reduce((worst, service) => Math.min(worst, service.criticality), Number.POSITIVE_INFINITY),
    costPerHour: lost.reduce((sum, service) => sum + service.costPerHour, 0),
    users: lost.reduce((sum, service) => sum + service.users, 0),
  };
}

function worseFirst(a: SinglePoint, b: SinglePoint): number {
  return (
    a.criticality - b.criticality ||
    b.costPerHour - a.costPerHour ||
    b.servicesDown - a.servicesDown ||
    b.users - a.users ||
    (a.key < b.key ? -1 : 1)
  );
}
