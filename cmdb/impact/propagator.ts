import type { FailedState } from '../model/state.ts';
import {
  type DependentLists,
  GROUP_ENTRY,
  GROUP_PART_WORDS,
  grown,
  HARD_WORDS,
  ROW_HEAD,
  type Words,
} from './dependentLists.ts';
import { FIRST_LOST, type GroupTable, LOST, OWNER, SLACK, UNTOUCHED } from './groupTable.ts';

/** A CI that failed by itself. */
export interface Seed {
  readonly node: number;
  readonly state: FailedState;
}

/** Without a cause. */
export const NOBODY = -1;
/** Runs that a byte can tell apart. */
const LAST_RUN = 0xff;

/**
 * The least fixpoint of failure on one graph.
 *
 * - a CI is down when it failed so, when something it needs outright is down, or when a group's members that
 *   are not down weigh less together than it needs;
 * - else it is degraded when it failed so, or when anything that it needs, outright or by group, is not ok.
 *
 * `down` follows from `down` alone, so all that goes down is found first, in rounds; the rest of what is reached is
 * degraded. Each edge of what is reached is read once, again only where a chain can be shortened.
 *
 * What is known of a reached CI stands at its place in the queue, where it is written in passing; by CI there is one byte,
 * so that those of 100k CIs stay in a near cache. The inner loops write always, and advance when the byte was another
 * run's: whether an edge leads to something new cannot be predicted, and a wrong guess costs more than the edge.
 *
 * Scratch is as large as the graph, made once, and told apart by the run's number: a run touches what it reaches, no more.
 * One run at a time; its result is valid until the next one.
 */
export class Propagator {
  readonly #lists: DependentLists;
  readonly #groups: GroupTable;
  /** By CI, the number of the run that saw it; while falling: down, while degrading: not ok. */
  #seen = new Uint8Array(0);
  #now = 0;
  #queue: Words = new Int32Array(1);
  #cause: Words = new Int32Array(1);
  /** Of what is down: steps from the nearest CI that failed by itself. */
  #distance: Words = new Int32Array(1);
  #carrier: Words = new Int32Array(1);
  /** Pairs of a group and the place of a member that it lost, nearest member first. */
  #lost: Words = new Int32Array(128);
  #lostFirst = 0;
  #lostEnd = 0;
  #farthest = 0;
  /** Groups that fell farther from the start than their first lost member stands. */
  #late: number[] = [];
  /** CIs that were degraded before the failure that is asked about. */
  #ill: Words = new Int32Array(0);
  #degradedSeeds: number[] = [];
  /** By CI, while chains are shortened: its place. */
  #placeOf: Words = new Int32Array(0);

  /** How many CIs this failure took down: they have the first places. */
  downCount = 0;
  /** How many CIs this failure made worse. */
  reachedCount = 0;
  /** How many of the reached failed by themselves. */
  failedCount = 0;

  constructor(lists: DependentLists, groups: GroupTable) {
    this.#lists = lists;
    this.#groups = groups;
  }

  /** By place: the CIs that this failure took down in the order of falling, then those that it degraded, nearest first. */
  get queue(): Words {
    return this.#queue;
  }

  /** By place: the place of the one by which a CI was hit, `NOBODY` for one that failed by itself. */
  get cause(): Words {
    return this.#cause;
  }

  /** By place, of a degraded CI whose cause is down: the redundancy group that still carries it. */
  get carrier(): Words {
    return this.#carrier;
  }

  /** Weight of the members of a group that were lost in this run. */
  lostWeight(group: number): number {
    return this.#groups.words[group + LOST]!;
  }

  /** Number of the members of a group that were lost in this run. O(lost) */
  lostMembers(group: number): number {
    let members = 0;
    for (let i = 0; i < this.#lostEnd; i += 2) if (this.#lost[i] === group) members += 1;
    return members;
  }

  /** What each group lost in this run, by its offset. O(lost) */
  lostByGroup(): Map<number, { members: number; weight: number }> {
    const lost = new Map<number, { members: number; weight: number }>();
    for (let i = 0; i < this.#lostEnd; i += 2) {
      const group = this.#lost[i]!;
      const members = (lost.get(group)?.members ?? 0) + 1;
      lost.set(group, { members, weight: this.lostWeight(group) });
    }
    return lost;
  }

  /**
   * @param failed what failed
   * @param health what was not ok before; the result holds only what `failed` made worse
   */
  run(failed: readonly Seed[], health: readonly Seed[] = []): void {
    this.#begin();
    if (health.length > 0) {
      this.#spread(health);
      this.#makeBackground();
    }
    this.#spread(failed);
  }

  #begin(): void {
    const groups = this.#groups.words;
    for (let i = 0; i < this.#lostEnd; i += 2) {
      const g = this.#lost[i]!;
      groups[g + LOST] = 0;
      groups[g + FIRST_LOST] = UNTOUCHED;
    }
    this.#lostFirst = 0;
    this.#lostEnd = 0;
    if (this.#ill.length > 0) this.#ill = new Int32Array(0);
    const rows = this.#lists.rowCount;
    if (this.#queue.length <= rows) {
      this.#seen = new Uint8Array(rows);
      this.#now = 0;
      // One more than there are CIs: the inner loops write before they know whether to keep it.
      this.#queue = new Int32Array(rows + 1);
      this.#cause = new Int32Array(rows + 1);
      this.#distance = new Int32Array(rows + 1);
      this.#carrier = new Int32Array(rows + 1);
    }
    this.#now += 1;
    if (this.#now > LAST_RUN) {
      this.#seen.fill(0);
      this.#now = 1;
    }
  }

  #spread(seeds: readonly Seed[]): void {
    this.#placeSeeds(seeds);
    this.#late = [];
    this.#fall();
    if (this.#late.length > 0) this.#shorten();
    this.#degrade();
  }

  /** Places what failed outright, and notes what failed in part: it may fall yet. */
  #placeSeeds(seeds: readonly Seed[]): void {
    const ill = this.#ill;
    this.#forget(ill);
    let tail = 0;
    for (const { node, state } of seeds) {
      if (state !== 'down' || this.#isSet(node)) continue;
      this.#set(node);
      this.#cause[tail] = NOBODY;
      this.#queue[tail++] = node;
    }
    this.downCount = tail;
    this.#ill = ill.filter((node) => !this.#isSet(node));
    for (const node of this.#ill) this.#set(node);
    this.#degradedSeeds = [];
    for (const { node, state } of seeds) {
      if (state !== 'degraded' || this.#isSet(node)) continue;
      this.#set(node);
      this.#degradedSeeds.push(node);
    }
    this.#forget(this.#ill);
    this.#forget(this.#degradedSeeds);
    this.failedCount = tail + this.#degradedSeeds.length;
  }

  /** Everything that goes down, breadth first. */
  #fall(): void {
    const { start, words } = this.#lists;
    const groups = this.#groups.words;
    const seen = this.#seen;
    const now = this.#now;
    const queue = this.#queue;
    const cause = this.#cause;
    const distance = this.#distance;
    let lost = this.#lost;
    let lostEnd = this.#lostEnd;
    let tail = this.downCount;
    let head = 0;
    for (let far = 0; head < tail; far += 1) {
      const roundStart = head;
      const roundEnd = tail;
      this.#farthest = far;
      for (; head < roundEnd; head += 1) {
        distance[head] = far;
        const row = start[queue[head]!]!;
        let i = row + ROW_HEAD;
        const boundary = i + words[row + HARD_WORDS]!;
        const last = boundary + words[row + GROUP_PART_WORDS]!;
        for (; i < boundary; i += 1) {
          const v = words[i]!;
          const known = seen[v]!;
          queue[tail] = v;
          cause[tail] = head;
          seen[v] = now;
          tail = (tail + (((known ^ now) + 0xff) >> 8)) | 0;
        }
        // A pair of `lost` has fewer words than a group entry.
        if (lostEnd + last - boundary > lost.length) lost = this.#growLost(lostEnd + last - boundary);
        for (; i < last; i += GROUP_ENTRY) {
          const g = words[i + 1]!;
          lost[lostEnd] = g;
          lost[lostEnd + 1] = head;
          lostEnd = (lostEnd + 2) | 0;
          const before = groups[g + LOST]!;
          const missing = (before + words[i + 2]!) | 0;
          groups[g + LOST] = missing;
          const first = groups[g + FIRST_LOST]!;
          const sooner = (head - first) | 0;
          groups[g + FIRST_LOST] = (first + (sooner & (sooner >> 31))) | 0;
          const slack = groups[g + SLACK]!;
          if (missing <= slack) continue;
          if (before <= slack && first < roundStart) this.#late.push(g);
          const v = words[i]!;
          const known = seen[v]!;
          queue[tail] = v;
          cause[tail] = head;
          seen[v] = now;
          tail = (tail + (((known ^ now) + 0xff) >> 8)) | 0;
        }
      }
    }
    this.#lostEnd = lostEnd;
    this.downCount = tail;
  }

  /**
   * A group that fell late is explained by its first member as well, and more briefly; so is what hangs on it. Relaxes
   * from there until nothing gets nearer.
   */
  #shorten(): void {
    const { start, words } = this.#lists;
    const groups = this.#groups.words;
    const queue = this.#queue;
    this.#placeOf = grown(this.#placeOf, this.#lists.rowCount);
    for (let place = 0; place < this.downCount; place += 1) this.#placeOf[queue[place]!] = place;
    const nearer: number[] = [];
    for (const g of this.#late) this.#relax(groups[g + FIRST_LOST]!, groups[g + OWNER]!, nearer);
    if (nearer.length === 0) return;
    for (let head = 0; head < nearer.length; head += 1) {
      const u = nearer[head]!;
      const row = start[queue[u]!]!;
      let i = row + ROW_HEAD;
      const boundary = i + words[row + HARD_WORDS]!;
      const last = boundary + words[row + GROUP_PART_WORDS]!;
      for (; i < boundary; i += 1) this.#relax(u, words[i]!, nearer);
      for (; i < last; i += GROUP_ENTRY) {
        const g = words[i + 1]!;
        if (groups[g + LOST]! > groups[g + SLACK]!) this.#relax(u, words[i]!, nearer);
      }
    }
    this.#sortLost();
  }

  #relax(u: number, node: number, nearer: number[]): void {
    const distance = this.#distance[u]! + 1;
    const v = this.#placeOf[node]!;
    // Of a CI that was down before, what stands there is left from an earlier run.
    if (v >= this.downCount || this.#queue[v] !== node || this.#distance[v]! <= distance) return;
    this.#distance[v] = distance;
    this.#cause[v] = u;
    nearer.push(v);
  }

  /** Restores the order of `lost` after distances changed: a stable counting sort. */
  #sortLost(): void {
    const distance = this.#distance;
    const lost = this.#lost;
    const first = this.#lostFirst;
    const end = this.#lostEnd;
    const next = new Int32Array(this.#farthest + 2);
    for (let i = first; i < end; i += 2) next[distance[lost[i + 1]!]! + 1]! += 2;
    for (let far = 1; far < next.length; far += 1) next[far]! += next[far - 1]!;
    const unsorted = lost.slice(first, end);
    for (let i = 0; i < unsorted.length; i += 2) {
      const far = distance[unsorted[i + 1]!]!;
      const at = (first + next[far]!) | 0;
      lost[at] = unsorted[i]!;
      lost[at + 1] = unsorted[i + 1]!;
      next[far] = (at - first + 2) | 0;
    }
  }

  /** Everything else that is reached, nearest first: lost members join in at their own distance. */
  #degrade(): void {
    const { start, words } = this.#lists;
    const groups = this.#groups.words;
    const seen = this.#seen;
    const now = this.#now;
    const queue = this.#queue;
    const cause = this.#cause;
    const carrier = this.#carrier;
    const distance = this.#distance;
    const lost = this.#lost;
    const lostEnd = this.#lostEnd;
    let tail = this.downCount;
    for (const node of this.#ill) this.#set(node);
    for (const node of this.#degradedSeeds) {
      if (this.#isSet(node)) continue;
      this.#set(node);
      cause[tail] = NOBODY;
      queue[tail++] = node;
    }
    let head = this.downCount;
    let next = this.#lostFirst;
    for (let far = 0; head < tail || next < lostEnd; far += 1) {
      if (head === tail) far = distance[lost[next + 1]!]!;
      const roundEnd = tail;
      for (; head < roundEnd; head += 1) {
        const row = start[queue[head]!]!;
        let i = row + ROW_HEAD;
        const boundary = i + words[row + HARD_WORDS]!;
        const last = boundary + words[row + GROUP_PART_WORDS]!;
        for (; i < boundary; i += 1) {
          const v = words[i]!;
          const known = seen[v]!;
          queue[tail] = v;
          cause[tail] = head;
          seen[v] = now;
          tail = (tail + (((known ^ now) + 0xff) >> 8)) | 0;
        }
        for (; i < last; i += GROUP_ENTRY) {
          const v = words[i]!;
          const known = seen[v]!;
          queue[tail] = v;
          cause[tail] = head;
          seen[v] = now;
          tail = (tail + (((known ^ now) + 0xff) >> 8)) | 0;
        }
      }
      for (; next < lostEnd; next += 2) {
        const member = lost[next + 1]!;
        if (distance[member]! > far) break;
        const g = lost[next]!;
        const v = groups[g + OWNER]!;
        const known = seen[v]!;
        queue[tail] = v;
        cause[tail] = member;
        carrier[tail] = g;
        seen[v] = now;
        tail = (tail + (((known ^ now) + 0xff) >> 8)) | 0;
      }
    }
    this.reachedCount = tail;
  }

  /** What has been reached so far becomes given: later losses count on top of it, later chains start elsewhere. */
  #makeBackground(): void {
    this.#ill = this.#queue.slice(this.downCount, this.reachedCount);
    const groups = this.#groups.words;
    for (let i = 0; i < this.#lostEnd; i += 2) groups[this.#lost[i]! + FIRST_LOST] = UNTOUCHED;
    this.#lostFirst = this.#lostEnd;
  }

  #isSet(node: number): boolean {
    return this.#seen[node] === this.#now;
  }

  #set(node: number): void {
    this.#seen[node] = this.#now;
  }

  #forget(nodes: Iterable<number>): void {
    for (const node of nodes) this.#seen[node] = 0;
  }

  #growLost(needed: number): Words {
    this.#lost = grown(this.#lost, Math.max(needed, this.#lost.length * 2));
    return this.#lost;
  }
}
