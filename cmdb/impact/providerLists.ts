import {
  type DependentLists,
  GROUP_ENTRY,
  GROUP_PART_WORDS,
  HARD_WORDS,
  ROW_HEAD,
  type Words,
} from './dependentLists.ts';

/** Of a provider that is needed outright. */
export const OUTRIGHT = -1;

/** Who needs whom: the dependent lists turned round, as compressed sparse rows. Made at one version, not edited. */
export class ProviderLists {
  /** Row `v` is `first[v]` up to `first[v + 1]` in the two lists below. */
  readonly first: Words;
  readonly providers: Words;
  /** The group by which each is needed, or `OUTRIGHT`. */
  readonly groups: Words;
  /** What each counts for in that group, 0 for one that is needed outright. */
  readonly weights: Words;

  /** O(nodes + edges). */
  constructor(lists: DependentLists, nodes: number) {
    const first = new Int32Array(nodes + 2);
    eachEdge(lists, nodes, (_provider, dependent) => {
      first[dependent + 2]! += 1;
    });
    for (let v = 1; v < first.length; v += 1) first[v]! += first[v - 1]!;
    const edges = first[nodes + 1]!;
    this.providers = new Int32Array(edges);
    this.groups = new Int32Array(edges);
    this.weights = new Int32Array(edges);
    // While filling, row v is written at first[v + 1], which ends where row v + 1 begins.
    eachEdge(lists, nodes, (provider, dependent, group, weight) => {
      const at = first[dependent + 1]!;
      first[dependent + 1] = at + 1;
      this.providers[at] = provider;
      this.groups[at] = group;
      this.weights[at] = weight;
    });
    this.first = first;
  }

  /**
   * Everything that the targets need, directly or through others, nearest first; the targets themselves lead.
   *
   * @param most stops there; what lies farther is left out
   * @returns CIs in order, and how many steps each is away
   */
  upstream(targets: Iterable<number>, most = Number.POSITIVE_INFINITY): { nodes: number[]; distances: number[] } {
    const seen = new Set<number>(targets);
    const nodes = [...seen];
    const distances = nodes.map(() => 0);
    for (let head = 0; head < nodes.length && nodes.length < most; head += 1) {
      const v = nodes[head]!;
      for (let i = this.first[v]!; i < this.first[v + 1]!; i += 1) {
        const provider = this.providers[i]!;
        if (seen.has(provider)) continue;
        seen.add(provider);
        nodes.push(provider);
        distances.push(distances[head]! + 1);
      }
    }
    return { nodes, distances };
  }
}

function eachEdge(
  { start, words }: DependentLists,
  nodes: number,
  take: (provider: number, dependent: number, group: number, weight: number) => void,
): void {
  for (let provider = 0; provider < nodes; provider += 1) {
    const row = start[provider]!;
    const boundary = row + ROW_HEAD + words[row + HARD_WORDS]!;
    const end = boundary + words[row + GROUP_PART_WORDS]!;
    for (let i = row + ROW_HEAD; i < boundary; i += 1) take(provider, words[i]!, OUTRIGHT, 0);
    for (let i = boundary; i < end; i += GROUP_ENTRY) take(provider, words[i]!, words[i + 1]!, words[i + 2]!);
  }
}
