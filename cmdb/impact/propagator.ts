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
import { FIRST_LOST, type GroupTable, LOST, OWNER, SLACK } from './groupTable.ts';

/** A CI that failed by itself. */
export interface Seed {
  readonly node: number;
  readonly state: FailedState;
}

// What `mark` says of a CI, above the epoch of the run.
const DEGRADED = 1;
const DOWN = 2;
/** Down before the failure that is asked about. */
const DOWN_BEFORE = 3;
const MARKS = 4;
const LAST_EPOCH = 0xffff - (0xffff % MARKS) - MARKS;
/** Without a CI: no cause, no first member. */
export const NOBODY = -1;

/**
 * The least fixpoint of failure on one graph.
 *
 * - a CI is down when it failed so, when something it needs outright is down, or when a group has fewer members that are
 *   not down than its min_up;
 * - else it is degraded when it failed so, or when anything that it needs, outright or by group, is not ok.
 *
 * `down` follows from `down` alone, so all that goes down is found first, in rounds; the rest of what is reached is
 * degraded. Each edge of what is reached is read once, again only where a chain can be shortened.
 *
 * Scratch is as large as the graph, made once, and told apart by epoch: a run touches what it reaches, no more.
 * One run at a time; its result is valid until the next one.
 */
export class Propagator {
  readonly #lists: DependentLists;
  readonly #groups: GroupTable;
  #mark = new Uint16Array(0);
  #epoch = 0;
  #cause: Words = new Int32Array(0);
  /** Of what is down: steps from the nearest CI that failed by itself. */
  #distance: Words = new Int32Array(0);
  #carrier: Words = new Int32Array(0);
  #down: Words = new Int32Array(0);
  #degraded: Words = new Int32Array(0);
  #touchedGroups: Words = new Int32Array(0);
  #touchedCount = 0;
  /** Members lost without taking their group down: pairs of group and member, nearest member first. */
  #lost: Words = new Int32Array(128);
  #lostWords = 0;
  /** Groups that fell farther from the start than their first lost member stands. */
  #late: number[] = [];

  downCount = 0;
  degradedCount = 0;
  /** How many CIs among the reached failed by themselves. */
  failedCount = 0;

  constructor(lists: DependentLists, groups: GroupTable) {
    this.#lists = lists;
    this.#groups = groups;
  }

  /** CIs that this failure took down: the first `downCount`, in the order of falling. */
  get down(): Words {
    return this.#down;
  }

  /** CIs that this failure degraded: the first `degradedCount`, nearest first. */
  get degraded(): Words {
    return this.#degraded;
  }

  /** By CI: the one by which a reached CI was hit, `NOBODY` for one that failed by itself. */
  get cause(): Words {
    return this.#cause;
  }

  /** Of a degraded CI whose cause is down: the redundancy group that still carries it. */
  carryingGroup(node: number): number {
    return this.#carrier[node]!;
  }

  isDown(node: number): boolean {
    return this.#mark[node]! >= this.#epoch + DOWN;
  }

  /** Members of a group that were lost in this run. */
  lostMembers(group: number): number {
    return this.#groups.words[group + LOST]!;
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
    const words = this.#groups.words;
    for (let i = 0; i < this.#touchedCount; i += 1) words[this.#touchedGroups[i]! + LOST] = 0;
    this.#touchedCount = 0;
    const rows = this.#lists.rowCount;
    if (this.#mark.length < rows) {
      this.#mark = new Uint16Array(rows);
      this.#cause = new Int32Array(rows);
      this.#distance = new Int32Array(rows);
      this.#carrier = new Int32Array(rows);
      this.#down = new Int32Array(rows);
      this.#degraded = new Int32Array(rows);
      this.#epoch = 0;
    }
    if (this.#touchedGroups.length < this.#groups.count) {
      this.#touchedGroups = new Int32Array(this.#groups.count + (this.#groups.count >> 2));
    }
    this.#epoch += MARKS;
    if (this.#epoch > LAST_EPOCH) {
      this.#mark.fill(0);
      this.#epoch = MARKS;
    }
  }

  #spread(seeds: readonly Seed[]): void {
    this.#placeSeeds(seeds);
    this.#late = [];
    this.#lostWords = 0;
    this.#fall();
    if (this.#late.length > 0) this.#shorten();
    this.#degrade();
  }

  #placeSeeds(seeds: readonly Seed[]): void {
    const mark = this.#mark;
    this.downCount = 0;
    this.degradedCount = 0;
    for (const { node, state } of seeds) {
      if (state !== 'down' || mark[node]! >= this.#epoch + DOWN) continue;
      mark[node] = this.#epoch + DOWN;
      this.#cause[node] = NOBODY;
      this.#distance[node] = 0;
      this.#down[this.downCount++] = node;
    }
    for (const { node, state } of seeds) {
      if (state !== 'degraded' || mark[node]! >= this.#epoch + DEGRADED) continue;
      mark[node] = this.#epoch + DEGRADED;
      this.#cause[node] = NOBODY;
      this.#degraded[this.degradedCount++] = node;
    }
    this.failedCount = this.downCount + this.degradedCount;
  }

  /** Everything that goes down, breadth first. */
  #fall(): void {
    const { start, words } = this.#lists;
    const groups = this.#groups.words;
    const mark = this.#mark;
    const cause = this.#cause;
    const distance = this.#distance;
    const queue = this.#down;
    const touched = this.#touchedGroups;
    const isDown = this.#epoch + DOWN;
    let lost = this.#lost;
    let lostWords = 0;
    let touchedCount = this.#touchedCount;
    let tail = this.downCount;
    for (let head = 0; head < tail; head += 1) {
      const u = queue[head]!;
      const row = start[u]!;
      let i = row + ROW_HEAD;
      const boundary = i + words[row + HARD_WORDS]!;
      const last = boundary + words[row + GROUP_PART_WORDS]!;
      const next = distance[u]! + 1;
      for (; i < boundary; i += 1) {
        const v = words[i]!;
        if (mark[v]! >= isDown) continue;
        mark[v] = isDown;
        cause[v] = u;
        distance[v] = next;
        queue[tail++] = v;
      }
      // Each group entry becomes at most one pair of `lost`, and has as many words.
      if (lostWords + last - boundary > lost.length) lost = this.#growLost(lostWords + last - boundary);
      for (; i < last; i += GROUP_ENTRY) {
        const g = words[i + 1]!;
        const missing = groups[g + LOST]! + 1;
        groups[g + LOST] = missing;
        if (missing === 1) {
          touched[touchedCount++] = g;
          groups[g + FIRST_LOST] = u;
        } else if (groups[g + FIRST_LOST] === NOBODY) groups[g + FIRST_LOST] = u;
        const slack = groups[g + SLACK]!;
        if (missing <= slack) {
          lost[lostWords++] = g;
          lost[lostWords++] = u;
        } else if (missing === slack + 1) {
          if (distance[groups[g + FIRST_LOST]!]! < next - 1) this.#late.push(g);
          const v = words[i]!;
          if (mark[v]! >= isDown) continue;
          mark[v] = isDown;
          cause[v] = u;
          distance[v] = next;
          queue[tail++] = v;
        }
      }
    }
    this.#touchedCount = touchedCount;
    this.#lostWords = lostWords;
    this.downCount = tail;
  }

  /**
   * A group that fell late is explained by its first member as well, and more briefly; so is what hangs on it. Relaxes
   * from there until nothing gets nearer.
   */
  #shorten(): void {
    const { start, words } = this.#lists;
    const groups = this.#groups.words;
    const nearer: number[] = [];
    for (const g of this.#late) this.#relax(groups[g + FIRST_LOST]!, groups[g + OWNER]!, nearer);
    if (nearer.length === 0) return;
    for (let head = 0; head < nearer.length; head += 1) {
      const u = nearer[head]!;
      const row = start[u]!;
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

  #relax(u: number, v: number, nearer: number[]): void {
    const distance = this.#distance[u]! + 1;
    if (this.#mark[v] !== this.#epoch + DOWN || this.#distance[v]! <= distance) return;
    this.#distance[v] = distance;
    this.#cause[v] = u;
    nearer.push(v);
  }

  /** Restores the order of `lost` after distances changed: a stable counting sort. */
  #sortLost(): void {
    const byDistance: number[][] = [];
    for (let i = 0; i < this.#lostWords; i += 2) {
      const far = this.#distance[this.#lost[i + 1]!]!;
      const same = byDistance[far];
      if (same === undefined) byDistance[far] = [this.#lost[i]!, this.#lost[i + 1]!];
      else same.push(this.#lost[i]!, this.#lost[i + 1]!);
    }
    let at = 0;
    for (const same of byDistance) if (same !== undefined) for (const word of same) this.#lost[at++] = word;
  }

  /** Everything else that is reached, nearest first: lost members join in at their own distance. */
  #degrade(): void {
    const { start, words } = this.#lists;
    const groups = this.#groups.words;
    const mark = this.#mark;
    const cause = this.#cause;
    const distance = this.#distance;
    const queue = this.#degraded;
    const lost = this.#lost;
    const lostWords = this.#lostWords;
    const isDegraded = this.#epoch + DEGRADED;
    let tail = 0;
    // A degraded seed may have been taken down since.
    for (let i = 0; i < this.degradedCount; i += 1) {
      const node = queue[i]!;
      if (mark[node] === isDegraded) queue[tail++] = node;
    }
    let head = 0;
    let next = 0;
    for (let far = 0; head < tail || next < lostWords; far += 1) {
      if (head === tail) far = distance[lost[next + 1]!]!;
      const roundEnd = tail;
      for (; head < roundEnd; head += 1) {
        const u = queue[head]!;
        const row = start[u]!;
        let i = row + ROW_HEAD;
        const boundary = i + words[row + HARD_WORDS]!;
        const last = boundary + words[row + GROUP_PART_WORDS]!;
        for (; i < boundary; i += 1) {
          const v = words[i]!;
          if (mark[v]! >= isDegraded) continue;
          mark[v] = isDegraded;
          cause[v] = u;
          queue[tail++] = v;
        }
        for (; i < last; i += GROUP_ENTRY) {
          const v = words[i]!;
          if (mark[v]! >= isDegraded) continue;
          mark[v] = isDegraded;
          cause[v] = u;
          queue[tail++] = v;
        }
      }
      for (; next < lostWords && distance[lost[next + 1]!]! <= far; next += 2) {
        const g = lost[next]!;
        const v = groups[g + OWNER]!;
        if (mark[v]! >= isDegraded) continue;
        mark[v] = isDegraded;
        cause[v] = lost[next + 1]!;
        this.#carrier[v] = g;
        queue[tail++] = v;
      }
    }
    this.degradedCount = tail;
  }

  /** What has been reached so far becomes given: later losses count on top of it, later chains start elsewhere. */
  #makeBackground(): void {
    for (let i = 0; i < this.downCount; i += 1) this.#mark[this.#down[i]!] = this.#epoch + DOWN_BEFORE;
    for (let i = 0; i < this.#touchedCount; i += 1) {
      this.#groups.words[this.#touchedGroups[i]! + FIRST_LOST] = NOBODY;
    }
  }

  #growLost(needed: number): Words {
    this.#lost = grown(this.#lost, Math.max(needed, this.#lost.length * 2));
    return this.#lost;
  }
}
