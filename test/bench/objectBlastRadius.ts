import type { GraphNode } from '../../cmdb/graph/assetGraph.ts';
import type { Failure } from '../../cmdb/impact/blastRadius.ts';
import type { Owner } from '../../cmdb/impact/ownerTable.ts';
import type { AffectedService, ChainStep, ImpactVerdict } from '../../cmdb/impact/verdict.ts';
import type { FailedState } from '../../cmdb/model/state.ts';
import type { LayeredGraph } from './layeredGraph.ts';

interface Ci {
  node: GraphNode;
  dependents: { ci: Ci; group: Group | null }[];
  owners: Owner[];
}

interface Group {
  members: number;
  minUp: number;
}

interface Reached {
  state: FailedState;
  cause: Ci | null;
}

/**
 * What one would write first: an object per CI, a Map per question, two breadth-first passes (what goes down, then what
 * is degraded), a walk back per service. For failures of single CIs, where the order of falling is near enough to the
 * order of distance.
 */
export class ObjectBlastRadius {
  readonly #byId = new Map<string, Ci>();

  constructor(graph: Pick<LayeredGraph, 'nodes' | 'edges'>) {
    for (const node of graph.nodes) this.#byId.set(node.id, { node, dependents: [], owners: [] });
    const groups = new Map<string, Group>();
    for (const edge of graph.edges) {
      const from = this.#byId.get(edge.fromId)!;
      const to = this.#byId.get(edge.toId)!;
      if (edge.type === 'OWNED_BY') {
        const { email, phone, locale } = to.node.attributes as { email: string; phone: null; locale: string };
        from.owners.push({
          ciId: to.node.id,
          name: to.node.name,
          email,
          phone,
          locale,
          role: edge.role === 'deputy' ? 'deputy' : 'accountable',
        });
        continue;
      }
      let group: Group | null = null;
      if (edge.group !== null) {
        const key = `${edge.fromId} ${edge.group}`;
        group = groups.get(key) ?? { members: 0, minUp: edge.minUp ?? 1 };
        group.members += 1;
        groups.set(key, group);
      }
      to.dependents.push({ ci: from, group });
    }
  }

  verdict(failed: readonly Failure[]): Pick<ImpactVerdict, 'affectedCount' | 'services'> {
    const reached = new Map<Ci, Reached>();
    const lostOf = new Map<Group, number>();
    const down: Ci[] = [];
    for (const { ciId } of failed) {
      const ci = this.#byId.get(ciId)!;
      reached.set(ci, { state: 'down', cause: null });
      down.push(ci);
    }
    for (const ci of down) {
      for (const { ci: dependent, group } of ci.dependents) {
        if (group !== null) {
          const lost = (lostOf.get(group) ?? 0) + 1;
          lostOf.set(group, lost);
          if (group.members - lost >= group.minUp) continue;
        }
        if (reached.has(dependent)) continue;
        reached.set(dependent, { state: 'down', cause: ci });
        down.push(dependent);
      }
    }
    // Nearest first: what hangs on a CI that is down stands as far from the start as what that CI takes down.
    let front = down.filter((ci) => reached.get(ci)!.cause === null);
    while (front.length > 0) {
      const next: Ci[] = [];
      for (const ci of front) {
        for (const { ci: dependent } of ci.dependents) {
          const known = reached.get(dependent);
          if (known === undefined) {
            reached.set(dependent, { state: 'degraded', cause: ci });
            next.push(dependent);
          } else if (known.cause === ci && known.state === 'down') next.push(dependent);
        }
      }
      front = next;
    }
    const services: AffectedService[] = [];
    for (const [ci, { state }] of reached) {
      if (ci.node.type === 'business_service') services.push(this.#service(ci, state, reached));
    }
    services.sort(byRank);
    return { affectedCount: reached.size - failed.length, services };
  }

  #service(ci: Ci, state: FailedState, reached: ReadonlyMap<Ci, Reached>): AffectedService {
    const causeChain: ChainStep[] = [];
    for (let step: Ci | null = ci; step !== null; ) {
      const { id, key, name, type } = step.node;
      const how: Reached = reached.get(step)!;
      causeChain.unshift({ ciId: id, key, name, type, state: how.state });
      step = how.cause;
    }
    const { criticality, costPerHour, users } = ci.node.attributes as Record<string, number>;
    return {
      ciId: ci.node.id,
      key: ci.node.key,
      name: ci.node.name,
      state,
      criticality: criticality!,
      costPerHour: costPerHour!,
      users: users!,
      planned: false,
      slaMinutesLeft: null,
      owners: ci.owners,
      causeChain,
      redundancyLeft: null,
      redundancy: null,
      uncertainty: null,
      unseen: null,
    };
  }
}

function byRank(a: AffectedService, b: AffectedService): number {
  if (a.state !== b.state) return a.state === 'down' ? -1 : 1;
  return (
    a.criticality - b.criticality ||
    b.costPerHour - a.costPerHour ||
    b.users - a.users ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
