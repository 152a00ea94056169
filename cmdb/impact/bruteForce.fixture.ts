import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import { CI_STATES, type CiState } from '../model/state.ts';
import type { Failure } from './blastRadius.ts';

/** A graph as the store knows it. */
export interface BruteGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

interface Need {
  readonly provider: string;
  readonly dependent: string;
  readonly group: string | null;
  readonly minUp: number;
  readonly percent: number;
  readonly weight: number;
  readonly lastSeenAtMs: number | undefined;
}

interface BruteGroup {
  /** Members, each with what it counts for. */
  readonly members: Map<string, number>;
  minUp: number;
  percent: number;
}

/** Written out again on purpose: shares no table with what it checks. */
function needs({ nodes, edges }: BruteGraph): Need[] {
  const typeOf = new Map(nodes.map((node) => [node.id, node.type]));
  const found: Need[] = [];
  for (const edge of edges) {
    const need = (provider: string, dependent: string) => {
      const { group, minUp, minUpPercent, weight, lastSeenAtMs } = edge;
      const told = { minUp: minUp ?? 1, percent: minUpPercent ?? 0, weight: weight ?? 1, lastSeenAtMs };
      if (provider !== dependent) found.push({ provider, dependent, group, ...told });
    };
    if (['DEPENDS_ON', 'RUNS_ON', 'CONNECTED_TO'].includes(edge.type)) need(edge.toId, edge.fromId);
    if (['PART_OF', 'POWERS', 'FEEDS'].includes(edge.type)) need(edge.fromId, edge.toId);
    if (edge.type === 'LOCATED_IN' && typeOf.get(edge.toId) === 'rack') need(edge.toId, edge.fromId);
  }
  return found;
}

/** Groups of one CI. */
function groupsOf(id: string, all: readonly Need[]): Map<string, BruteGroup> {
  const groups = new Map<string, BruteGroup>();
  for (const need of all) {
    if (need.dependent !== id || need.group === null) continue;
    const group = groups.get(need.group) ?? { members: new Map(), minUp: 1, percent: 0 };
    group.members.set(need.provider, Math.max(need.weight, group.members.get(need.provider) ?? 0));
    group.minUp = Math.max(group.minUp, need.minUp);
    group.percent = Math.max(group.percent, need.percent);
    groups.set(need.group, group);
  }
  return groups;
}

/** Whether what is up of a group is too little: less than min_up, or less than its percentage of all. */
function hasFallen({ members, minUp, percent }: BruteGroup, states: ReadonlyMap<string, CiState>): boolean {
  let up = 0;
  let all = 0;
  for (const [member, weight] of members) {
    all += weight;
    if (states.get(member) !== 'down') up += weight;
  }
  return up < Math.min(minUp, all) || up * 100 < percent * all;
}

/** The state of each CI, by applying the definition to every CI until nothing changes. */
export function bruteStates(graph: BruteGraph, failed: readonly Failure[]): Map<string, CiState> {
  const all = needs(graph);
  const states = new Map<string, CiState>(graph.nodes.map((node) => [node.id, 'ok']));
  const rank = (state: CiState) => CI_STATES.indexOf(state);
  for (let changed = true; changed; ) {
    changed = false;
    for (const { id } of graph.nodes) {
      let worst: CiState = failed.find((one) => one.ciId === id)?.state ?? 'ok';
      const raise = (state: CiState) => {
        if (rank(state) > rank(worst)) worst = state;
      };
      for (const need of all) if (need.dependent === id && need.group === null) raise(states.get(need.provider)!);
      for (const group of groupsOf(id, all).values()) {
        if (hasFallen(group, states)) raise('down');
        if ([...group.members.keys()].some((member) => states.get(member) !== 'ok')) raise('degraded');
      }
      if (rank(worst) > rank(states.get(id)!)) {
        states.set(id, worst);
        changed = true;
      }
    }
  }
  return states;
}

/**
 * The least number of CIs on a chain from a failed CI to `target` in which every state explains the next, by relaxation
 * until nothing changes; and whether `chain` is such a chain.
 */
export function shortestExplanation(
  graph: BruteGraph,
  failed: readonly Failure[],
  states: ReadonlyMap<string, CiState>,
  target: string,
  chain: readonly string[],
): { length: number; explains: boolean } {
  const all = needs(graph);
  const explainsHop = (provider: string, dependent: string): boolean =>
    all.some((need) => {
      if (need.provider !== provider || need.dependent !== dependent || states.get(provider) === 'ok') return false;
      if (states.get(dependent) === 'degraded') return true;
      if (states.get(provider) !== 'down') return false;
      if (need.group === null) return true;
      return hasFallen(groupsOf(dependent, all).get(need.group)!, states);
    });
  const isStart = (id: string) => failed.some((one) => one.ciId === id && one.state === states.get(id));
  const distance = new Map<string, number>();
  for (const { id } of graph.nodes) if (isStart(id)) distance.set(id, 1);
  for (let changed = true; changed; ) {
    changed = false;
    for (const { provider, dependent } of all) {
      const reached = (distance.get(provider) ?? Number.POSITIVE_INFINITY) + 1;
      if (reached >= (distance.get(dependent) ?? Number.POSITIVE_INFINITY)) continue;
      if (!explainsHop(provider, dependent)) continue;
      distance.set(dependent, reached);
      changed = true;
    }
  }
  const hops = chain.slice(1).every((id, index) => explainsHop(chain[index]!, id));
  return { length: distance.get(target) ?? -1, explains: hops && isStart(chain[0]!) };
}

/**
 * What services that are not ok come to, nothing twice: one after the other, those down first, then by the figure, then by
 * rank, and none that needs, or is needed by, one that was counted, over services that are not ok.
 */
export function bruteSum(
  graph: BruteGraph,
  states: ReadonlyMap<string, CiState>,
  measure: 'costPerHour' | 'users',
): Record<'down' | 'degraded', number> {
  const figure = (node: GraphNode, name: string) => Number(node.attributes?.[name] ?? 0);
  const hit = graph.nodes.filter(({ id, type }) => type === 'business_service' && states.get(id) !== 'ok');
  const ids = new Set(hit.map(({ id }) => id));
  const pairs = new Set(
    needs(graph)
      .filter(({ provider, dependent }) => ids.has(provider) && ids.has(dependent))
      .map(({ provider, dependent }) => `${provider} ${dependent}`),
  );
  for (const via of ids) {
    for (const a of ids)
      for (const b of ids) if (pairs.has(`${a} ${via}`) && pairs.has(`${via} ${b}`)) pairs.add(`${a} ${b}`);
  }
  const order = [...hit].sort(
    (a, b) =>
      CI_STATES.indexOf(states.get(b.id)!) - CI_STATES.indexOf(states.get(a.id)!) ||
      figure(b, measure) - figure(a, measure) ||
      figure(a, 'criticality') - figure(b, 'criticality') ||
      figure(b, 'costPerHour') - figure(a, 'costPerHour') ||
      figure(b, 'users') - figure(a, 'users') ||
      (a.name < b.name ? -1 : 1),
  );
  const sum = { down: 0, degraded: 0 };
  const counted: string[] = [];
  for (const node of order) {
    if (counted.some((id) => pairs.has(`${id} ${node.id}`) || pairs.has(`${node.id} ${id}`))) continue;
    counted.push(node.id);
    sum[states.get(node.id) as 'down' | 'degraded'] += figure(node, measure);
  }
  return sum;
}

/** The most days that a step of a chain was not seen, of several relations for one step the least; 0 below 30. */
export function bruteUnseenDays(graph: BruteGraph, chain: readonly string[], today: number): number {
  const all = needs(graph);
  const days = chain.slice(1).map((dependent, index) => {
    const between = all.filter((need) => need.provider === chain[index] && need.dependent === dependent);
    const seen = between.flatMap(({ lastSeenAtMs }) =>
      lastSeenAtMs === undefined ? [] : [today - Math.floor(lastSeenAtMs / 86_400_000)],
    );
    return seen.length === 0 ? 0 : Math.min(...seen);
  });
  return Math.max(0, ...days.filter((one) => one >= 30));
}
