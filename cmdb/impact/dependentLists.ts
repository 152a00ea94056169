export type Words = Int32Array<ArrayBuffer>;

/** Words at the head of each row: how many words its hard part has, then how many its group part. */
export const HARD_WORDS = 0;
export const GROUP_PART_WORDS = 1;
export const ROW_HEAD = 2;
/** Words per entry of a group part: the dependent CI, the offset of its group, the member's weight in it. */
export const GROUP_ENTRY = 3;
/** Of an entry of which nobody tells when it was seen. Days count from 1970-01-01 on. */
export const NEVER = 0;
const LAST_DAY = 0xffff;
/** The row of every CI on which nothing depends. */
const EMPTY_ROW = 0;

/**
 * Who depends on whom, as compressed sparse rows that can be edited.
 *
 * The row of provider `u` begins at `words[start[u]]`: its head, then the dependents that need it outright (one word
 * each), then those that need a redundancy group which it is a member of (three words each). Head and dependents share
 * cache lines, and the many CIs without dependents share one row. A row that outgrows its place moves to the end with
 * room to spare, so that one edit costs O(row) and the rest of the graph stays where it is.
 */
export class DependentLists {
  start: Words;
  words: Words;
  /** Beside the first word of each entry: the day on which its relation was last seen, `NEVER` where nobody tells. */
  days: Uint16Array<ArrayBuffer>;
  /** No entry was last seen before this day. */
  oldestDay = LAST_DAY;
  /** Where each row's place ends. */
  #limit: Words;
  /** Words in use or abandoned; what lies beyond is free. */
  #used = ROW_HEAD;
  abandoned = 0;

  constructor(rows: number, words: number) {
    this.start = new Int32Array(rows);
    this.#limit = new Int32Array(rows);
    this.words = new Int32Array(words + ROW_HEAD);
    this.days = new Uint16Array(words + ROW_HEAD);
  }

  /**
   * Lays out all rows at once, each in the order of its dependents' numbers.
   * @param rows how many rows to provide for
   * @param providers provider of each edge
   * @param dependents dependent of each edge
   * @param groups group offset of each edge, -1 for a hard dependency
   * @param weights weight of each membership; 1 for all when left out
   * @param days the day on which each edge was last seen; `NEVER` for all when left out
   */
  static from(
    rows: number,
    edges: number,
    providers: Words,
    dependents: Words,
    groups: Words,
    weights?: Words,
    days?: Words,
  ): DependentLists {
    const hard = new Int32Array(rows);
    const grouped = new Int32Array(rows);
    for (let e = 0; e < edges; e += 1) (groups[e]! < 0 ? hard : grouped)[providers[e]!]! += 1;
    let total = 0;
    for (let u = 0; u < rows; u += 1) total += wordsFor(hard[u]!, grouped[u]!);
    const lists = new DependentLists(rows, total + (total >> 3) + 16);
    const { start, words } = lists;
    let at = ROW_HEAD;
    for (let u = 0; u < rows; u += 1) {
      const size = wordsFor(hard[u]!, grouped[u]!);
      if (size === 0) continue;
      start[u] = at;
      words[at + HARD_WORDS] = hard[u]!;
      words[at + GROUP_PART_WORDS] = grouped[u]! * GROUP_ENTRY;
      // From here on: where the next entry of either part goes.
      hard[u] = at + ROW_HEAD;
      grouped[u] = at + ROW_HEAD + words[at + HARD_WORDS]!;
      at += size;
      lists.#limit[u] = at;
    }
    for (const e of orderBy(dependents, edges, rows)) {
      const u = providers[e]!;
      lists.#note((groups[e]! < 0 ? hard : grouped)[u]!, days?.[e] ?? NEVER);
      if (groups[e]! < 0) {
        words[hard[u]!++] = dependents[e]!;
      } else {
        words[grouped[u]!++] = dependents[e]!;
        words[grouped[u]!++] = groups[e]!;
        words[grouped[u]!++] = weights?.[e] ?? 1;
      }
    }
    lists.#used = at;
    return lists;
  }

  /** Makes room for rows up to `rows`. */
  growRows(rows: number): void {
    this.start = grown(this.start, rows);
    this.#limit = grown(this.#limit, rows);
  }

  get rowCount(): number {
    return this.start.length;
  }

  addHard(provider: number, dependent: number, day: number): void {
    const row = this.#makeRoom(provider, 1);
    const boundary = row + ROW_HEAD + this.words[row + HARD_WORDS]!;
    this.#move(boundary + 1, boundary, boundary + this.words[row + GROUP_PART_WORDS]!);
    this.words[boundary] = dependent;
    this.#note(boundary, day);
    this.words[row + HARD_WORDS]! += 1;
  }

  addToGroup(provider: number, dependent: number, group: number, weight: number, day: number): void {
    const row = this.#makeRoom(provider, GROUP_ENTRY);
    const end = this.#end(row);
    this.words[end] = dependent;
    this.words[end + 1] = group;
    this.words[end + 2] = weight;
    this.#note(end, day);
    this.words[row + GROUP_PART_WORDS]! += GROUP_ENTRY;
  }

  /** What a member counts for in a group; 0 for a CI that is no member. */
  weightIn(provider: number, group: number): number {
    const place = this.#placeInGroup(provider, group);
    return place < 0 ? 0 : this.words[place + 2]!;
  }

  /** When a membership was last seen. */
  dayIn(provider: number, group: number): number {
    return this.days[this.#placeInGroup(provider, group)]!;
  }

  /** Gives a member of a group another weight and day. */
  reweigh(provider: number, group: number, weight: number, day: number): void {
    const place = this.#placeInGroup(provider, group);
    this.words[place + 2] = weight;
    this.#note(place, day);
  }

  /** Tells each entry of a row: the dependent, and the day on which it was last seen. */
  eachSeen(provider: number, take: (dependent: number, day: number) => void): void {
    const row = this.start[provider]!;
    const boundary = row + ROW_HEAD + this.words[row + HARD_WORDS]!;
    const end = this.#end(row);
    for (let i = row + ROW_HEAD; i < boundary; i += 1) take(this.words[i]!, this.days[i]!);
    for (let i = boundary; i < end; i += GROUP_ENTRY) take(this.words[i]!, this.days[i]!);
  }

  /** Takes one hard entry away, of several alike that of the day told; false when there is none. */
  removeHard(provider: number, dependent: number, day: number): boolean {
    const row = this.start[provider]!;
    const first = row + ROW_HEAD;
    const hard = this.words.subarray(first, first + this.words[row + HARD_WORDS]!);
    let place = hard.indexOf(dependent);
    if (place < 0) return false;
    for (let next = place; next >= 0 && this.days[first + place] !== day; next = hard.indexOf(dependent, next + 1)) {
      if (this.days[first + next] === day) place = next;
    }
    this.#move(first + place, first + place + 1, this.#end(row));
    this.words[row + HARD_WORDS]! -= 1;
    return true;
  }

  /** Takes the provider out of a group; false when it is no member. */
  removeFromGroup(provider: number, group: number): boolean {
    const place = this.#placeInGroup(provider, group);
    if (place < 0) return false;
    const row = this.start[provider]!;
    this.#move(place, place + GROUP_ENTRY, this.#end(row));
    this.words[row + GROUP_PART_WORDS]! -= GROUP_ENTRY;
    return true;
  }

  #note(place: number, day: number): void {
    this.days[place] = day;
    if (day !== NEVER && day < this.oldestDay) this.oldestDay = day;
  }

  #move(to: number, from: number, end: number): void {
    this.words.copyWithin(to, from, end);
    this.days.copyWithin(to, from, end);
  }

  #end(row: number): number {
    return row + ROW_HEAD + this.words[row + HARD_WORDS]! + this.words[row + GROUP_PART_WORDS]!;
  }

  #placeInGroup(provider: number, group: number): number {
    const row = this.start[provider]!;
    const end = this.#end(row);
    for (let i = row + ROW_HEAD + this.words[row + HARD_WORDS]!; i < end; i += GROUP_ENTRY) {
      if (this.words[i + 1] === group) return i;
    }
    return -1;
  }

  /** Where a row begins, after moving it when `more` words do not fit behind it. */
  #makeRoom(provider: number, more: number): number {
    const row = this.start[provider]!;
    const end = this.#end(row);
    if (row !== EMPTY_ROW && end + more <= this.#limit[provider]!) return row;
    const size = end - row;
    const room = Math.max(8, size * 2);
    if (this.#used + room > this.words.length) {
      this.words = grown(this.words, this.#used + room + (this.#used >> 2));
      const days = new Uint16Array(this.words.length);
      days.set(this.days);
      this.days = days;
    }
    const to = this.#used;
    this.#move(to, row, end);
    this.start[provider] = to;
    this.#limit[provider] = to + room;
    this.#used += room;
    if (row !== EMPTY_ROW) this.abandoned += size;
    return to;
  }
}

function wordsFor(hard: number, grouped: number): number {
  return hard + grouped === 0 ? 0 : ROW_HEAD + hard + grouped * GROUP_ENTRY;
}

/** Edges in the order of `keys`, each below `keyCount`: a counting sort. */
function orderBy(keys: Words, edges: number, keyCount: number): Words {
  const next = new Int32Array(keyCount + 1);
  for (let e = 0; e < edges; e += 1) next[keys[e]! + 1]! += 1;
  for (let k = 0; k < keyCount; k += 1) next[k + 1]! += next[k]!;
  const order = new Int32Array(edges);
  for (let e = 0; e < edges; e += 1) order[next[keys[e]!]!++] = e;
  return order;
}

/** The same numbers in an array of at least `length`. */
export function grown(array: Words, length: number): Words {
  if (array.length >= length) return array;
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
