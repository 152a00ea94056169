import type { FailedState } from '../model/state.ts';
import type { DependentLists } from './dependentLists.ts';
import { FIRST_LOSS, type GroupTable, LOST, OWNER, SLACK } from './groupTable.ts';

/** A CI that failed by itself. */
export interface Seed {
  readonly node: number;
  readonly state: FailedState;
}

// What `mark` says of a CI, above the epoch of the run.
const DEGRADED = 1;
const DOWN = 2;
/** Down, and its place on the shortest chain is final. */
const SETTLED = 3;
const MARKS = 4;
const LAST_EPOCH = 0xffff - (0xffff % MARKS) - MARKS;
const NEVER = 0x7fffffff;
export const NO_CAUSE = -1;

/**
 * The least fixpoint of failure on one graph.
 *
 * - a CI is down when it failed so, when something it needs outright is down, or when a group has fewer members that are
 *   not down than its min_up;
 * - else it is degraded when it failed so, or when anything that it needs, outright or by group, is not ok.
 *
 * `down` follows from `down` alone, so all that goes down is found first, in rounds; the rest of what is reached is
 * degraded. Each edge of what is reached is read once, a second time only where a chain must be shortened.
 *
 * Scratch is as large as the graph, made once, and told apart by epoch: a run touches what it reaches, no more.
 * One run at a time; its result is valid until the next one.
 */
export class Propagator {
  readonly #lists: DependentLists;
  readonly #groups: GroupTable;
  #mark = new Uint16Array(0);
  #epoch = 0;
  #cause = new Int32Array(0);
  #brokenGroup = new Int32Array(0);
  #down = new Int32Array(0);
  #degraded = new Int32Array(0);
  #touchedGroups = new Int32Array(0);
  #touchedCount = 0;
  /** Group edges that were lost without taking the group down, and which provider was lost. */
  #lostGroup = new Int32Array(64);
  #lostProvider = new Int32Array(64);
  /** Group edges lost up to the end of each round. */
  #lostByRound: number[] = [];

  downCount = 0;
  degradedCount = 0;
  /** How many CIs among the reached failed by themselves. */
  failedCount = 0;

  constructor(lists: DependentLists, groups: GroupTable) {
    this.#lists = lists;
    this.#groups = groups;
  }

  /** CIs that this failure took down: the first `downCount`, nearest first. */
  get down(): Int32Array {
    return this.#down;
  }

  /** CIs that this failure degraded: the first `degradedCount`, nearest first. */
  get degraded(): Int32Array {
    return this.#degraded;
  }

  /** The CI by which a reached one was hit, `NO_CAUSE` for one that failed by itself. */
  cause(node: number): number {
    return this.#cause[node]!;
  }

  /** Of a degraded CI whose cause is down: the redundancy group that still carries it. */
  carryingGroup(node: number): number {
    return this.#brokenGroup[node]!;
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
    const rows = this.#lists.start.length;
    if (this.#mark.length < rows) {
      this.#mark = new Uint16Array(rows);
      this.#cause = new Int32Array(rows);
      this.#brokenGroup = new Int32Array(rows);
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
    const outOfOrder = this.#fall();
    if (outOfOrder) this.#settleDistances(seeds);
    this.#degrade();
  }

  #placeSeeds(seeds: readonly Seed[]): void {
    const mark = this.#mark;
    this.downCount = 0;
    this.degradedCount = 0;
    for (const { node, state } of seeds) {
      if (state !== 'down' || mark[node]! >= this.#epoch + DOWN) continue;
      mark[node] = this.#epoch + DOWN;
      this.#cause[node] = NO_CAUSE;
      this.#down[this.downCount++] = node;
    }
    for (const { node, state } of seeds) {
      if (state !== 'degraded' || mark[node]! >= this.#epoch + DEGRADED) continue;
      mark[node] = this.#epoch + DEGRADED;
      this.#cause[node] = NO_CAUSE;
      this.#degraded[this.degradedCount++] = node;
    }
    this.failedCount = this.downCount + this.degradedCount;
  }

  /**
   * Rounds of what goes down. Returns whether a group fell later than its first member did: then the order of falling
   * is not the order of distance.
   */
  #fall(): boolean {
    const { start, hardEnd, end, target, group } = this.#lists;
    const words = this.#groups.words;
    const mark = this.#mark;
    const cause = this.#cause;
    const queue = this.#down;
    const touched = this.#touchedGroups;
    const isDown = this.#epoch + DOWN;
    let touchedCount = this.#touchedCount;
    let tail = this.downCount;
    let roundEnd = tail;
    let round = 0;
    let lost = 0;
    let outOfOrder = false;
    this.#lostByRound = [];
    for (let head = 0; head < tail; head += 1) {
      if (head === roundEnd) {
        this.#lostByRound.push(lost);
        roundEnd = tail;
        round += 1;
      }
      const u = queue[head]!;
      const boundary = hardEnd[u]!;
      const last = end[u]!;
      for (let i = start[u]!; i < boundary; i += 1) {
        const v = target[i]!;
        if (mark[v]! >= isDown) continue;
        mark[v] = isDown;
        cause[v] = u;
        queue[tail++] = v;
      }
      if (boundary === last) continue;
      if (lost + last - boundary > this.#lostGroup.length) this.#growLost(lost + last - boundary);
      for (let i = boundary; i < last; i += 1) {
        const g = group[i]!;
        const missing = words[g + LOST]! + 1;
        words[g + LOST] = missing;
        if (missing === 1) {
          touched[touchedCount++] = g;
          words[g + FIRST_LOSS] = round;
        } else if (words[g + FIRST_LOSS] === NEVER) words[g + FIRST_LOSS] = round;
        const slack = words[g + SLACK]!;
        if (missing <= slack) {
          this.#lostGroup[lost] = g;
          this.#lostProvider[lost++] = u;
        } else if (missing === slack + 1) {
          if (words[g + FIRST_LOSS]! < round) outOfOrder = true;
          const v = words[g + OWNER]!;
          if (mark[v]! >= isDown) continue;
          mark[v] = isDown;
          cause[v] = u;
          queue[tail++] = v;
        }
      }
    }
    this.#lostByRound.push(lost);
    this.#touchedCount = touchedCount;
    this.downCount = tail;
    return outOfOrder;
  }

  /** Distances among what is known to be down, by breadth: every cause becomes the nearest one. */
  #settleDistances(seeds: readonly Seed[]): void {
    const { start, hardEnd, end, target, group } = this.#lists;
    const words = this.#groups.words;
    const mark = this.#mark;
    const cause = this.#cause;
    const queue = this.#down;
    const isDown = this.#epoch + DOWN;
    const settled = this.#epoch + SETTLED;
    let tail = 0;
    let lost = 0;
    for (const { node, state } of seeds) {
      if (state !== 'down' || mark[node] !== isDown) continue;
      mark[node] = settled;
      queue[tail++] = node;
    }
    let roundEnd = tail;
    this.#lostByRound = [];
    for (let head = 0; head < tail; head += 1) {
      if (head === roundEnd) {
        this.#lostByRound.push(lost);
        roundEnd = tail;
      }
      const u = queue[head]!;
      const boundary = hardEnd[u]!;
      const last = end[u]!;
      if (lost + last - boundary > this.#lostGroup.length) this.#growLost(lost + last - boundary);
      for (let i = start[u]!; i < last; i += 1) {
        const v = target[i]!;
        if (i >= boundary) {
          const g = group[i]!;
          if (words[g + LOST]! <= words[g + SLACK]!) {
            this.#lostGroup[lost] = g;
            this.#lostProvider[lost++] = u;
            continue;
          }
        }
        if (mark[v] !== isDown) continue;
        mark[v] = settled;
        cause[v] = u;
        queue[tail++] = v;
      }
    }
    this.#lostByRound.push(lost);
  }

  /** Everything else that is reached, nearest first: the rounds of `#fall` feed the rounds here. */
  #degrade(): void {
    const { start, end, target } = this.#lists;
    const words = this.#groups.words;
    const mark = this.#mark;
    const cause = this.#cause;
    const queue = this.#degraded;
    const isDegraded = this.#epoch + DEGRADED;
    let tail = 0;
    // A degraded seed may have been taken down since.
    for (let i = 0; i < this.degradedCount; i += 1) {
      const node = queue[i]!;
      if (mark[node] === isDegraded) queue[tail++] = node;
    }
    let head = 0;
    let next = 0;
    for (let round = 0; head < tail || next < this.#lostByRound.at(-1)!; round += 1) {
      const roundEnd = tail;
      for (; head < roundEnd; head += 1) {
        const u = queue[head]!;
        const last = end[u]!;
        for (let i = start[u]!; i < last; i += 1) {
          const v = target[i]!;
          if (mark[v]! >= isDegraded) continue;
          mark[v] = isDegraded;
          cause[v] = u;
          queue[tail++] = v;
        }
      }
      const lostEnd = this.#lostByRound[round] ?? next;
      for (; next < lostEnd; next += 1) {
        const g = this.#lostGroup[next]!;
        const v = words[g + OWNER]!;
        if (mark[v]! >= isDegraded) continue;
        mark[v] = isDegraded;
        cause[v] = this.#lostProvider[next]!;
        this.#brokenGroup[v] = g;
        queue[tail++] = v;
      }
    }
    this.degradedCount = tail;
  }

  /** What has been reached so far becomes given: later losses count on top of it, later chains start elsewhere. */
  #makeBackground(): void {
    for (let i = 0; i < this.downCount; i += 1) this.#mark[this.#down[i]!] = this.#epoch + SETTLED;
    for (let i = 0; i < this.#touchedCount; i += 1) this.#groups.words[this.#touchedGroups[i]! + FIRST_LOSS] = NEVER;
  }

  #growLost(needed: number): void {
    const larger = Math.max(needed, this.#lostGroup.length * 2);
    const groups = new Int32Array(larger);
    groups.set(this.#lostGroup);
    this.#lostGroup = groups;
    const providers = new Int32Array(larger);
    providers.set(this.#lostProvider);
    this.#lostProvider = providers;
  }
}
