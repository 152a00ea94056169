/**
 * Who depends on whom, as compressed sparse rows that can be edited.
 *
 * Row `u` lists the dependents of provider `u`: first those that need it outright, then those that need a redundancy
 * group which it is a member of. A row that outgrows its place moves to the end with room to spare, so that one edit
 * costs O(row) and the rest of the graph stays where it is.
 */
export class DependentLists {
  /** Row u is target[start[u] .. end[u]), its hard part ends at hardEnd[u], its place ends at limit[u]. */
  start: Int32Array<ArrayBuffer>;
  hardEnd: Int32Array<ArrayBuffer>;
  end: Int32Array<ArrayBuffer>;
  limit: Int32Array<ArrayBuffer>;
  /** The dependent CI of each entry. */
  target: Int32Array<ArrayBuffer>;
  /** Offset of the entry's redundancy group; meaningless in the hard part. */
  group: Int32Array<ArrayBuffer>;
  /** Entries in use or abandoned; what lies beyond is free. */
  used: number;
  abandoned = 0;

  constructor(rows: number, entries: number) {
    this.start = new Int32Array(rows);
    this.hardEnd = new Int32Array(rows);
    this.end = new Int32Array(rows);
    this.limit = new Int32Array(rows);
    this.target = new Int32Array(entries);
    this.group = new Int32Array(entries);
    this.used = 0;
  }

  /**
   * Lays out all rows at once.
   * @param providers provider of each edge
   * @param targets dependent of each edge
   * @param groups group offset of each edge, -1 for a hard dependency
   */
  static from(rows: number, edges: number, providers: Int32Array, targets: Int32Array, groups: Int32Array) {
    const lists = new DependentLists(rows, edges + (edges >> 3) + 16);
    const { start, hardEnd, end, limit } = lists;
    for (let e = 0; e < edges; e += 1) {
      const u = providers[e]!;
      end[u]! += 1;
      if (groups[e]! < 0) hardEnd[u]! += 1;
    }
    let at = 0;
    for (let u = 0; u < rows; u += 1) {
      const size = end[u]!;
      start[u] = at;
      // Both ends become the place of the next entry and are moved up while filling.
      end[u] = at + hardEnd[u]!;
      hardEnd[u] = at;
      at += size;
      limit[u] = at;
    }
    for (let e = 0; e < edges; e += 1) {
      const u = providers[e]!;
      const hard = groups[e]! < 0;
      const place = hard ? hardEnd[u]! : end[u]!;
      if (hard) hardEnd[u] = place + 1;
      else end[u] = place + 1;
      lists.target[place] = targets[e]!;
      lists.group[place] = groups[e]!;
    }
    lists.used = at;
    return lists;
  }

  /** Makes room for rows up to `rows`. */
  growRows(rows: number): void {
    this.start = grown(this.start, rows);
    this.hardEnd = grown(this.hardEnd, rows);
    this.end = grown(this.end, rows);
    this.limit = grown(this.limit, rows);
  }

  addHard(provider: number, dependent: number): void {
    const place = this.#roomIn(provider);
    const boundary = this.hardEnd[provider]!;
    this.target[place] = this.target[boundary]!;
    this.group[place] = this.group[boundary]!;
    this.target[boundary] = dependent;
    this.group[boundary] = -1;
    this.hardEnd[provider] = boundary + 1;
    this.end[provider] = place + 1;
  }

  addToGroup(provider: number, dependent: number, group: number): void {
    const place = this.#roomIn(provider);
    this.target[place] = dependent;
    this.group[place] = group;
    this.end[provider] = place + 1;
  }

  isMember(provider: number, group: number): boolean {
    return this.#placeInGroup(provider, group) >= 0;
  }

  /** Takes one hard entry away; false when there is none. */
  removeHard(provider: number, dependent: number): boolean {
    const boundary = this.hardEnd[provider]!;
    for (let i = this.start[provider]!; i < boundary; i += 1) {
      if (this.target[i] !== dependent) continue;
      const last = this.end[provider]! - 1;
      this.target[i] = this.target[boundary - 1]!;
      this.target[boundary - 1] = this.target[last]!;
      this.group[boundary - 1] = this.group[last]!;
      this.hardEnd[provider] = boundary - 1;
      this.end[provider] = last;
      return true;
    }
    return false;
  }

  /** Takes the provider out of a group; false when it is no member. */
  removeFromGroup(provider: number, group: number): boolean {
    const place = this.#placeInGroup(provider, group);
    if (place < 0) return false;
    const last = this.end[provider]! - 1;
    this.target[place] = this.target[last]!;
    this.group[place] = this.group[last]!;
    this.end[provider] = last;
    return true;
  }

  #placeInGroup(provider: number, group: number): number {
    const end = this.end[provider]!;
    for (let i = this.hardEnd[provider]!; i < end; i += 1) if (this.group[i] === group) return i;
    return -1;
  }

  /** The free place at the end of a row, after moving the row when it has none. */
  #roomIn(row: number): number {
    const end = this.end[row]!;
    if (end < this.limit[row]!) return end;
    const from = this.start[row]!;
    const size = end - from;
    const room = Math.max(4, size * 2);
    if (this.used + room > this.target.length) {
      const capacity = this.used + room + (this.used >> 2);
      this.target = grown(this.target, capacity);
      this.group = grown(this.group, capacity);
    }
    const to = this.used;
    this.target.copyWithin(to, from, end);
    this.group.copyWithin(to, from, end);
    this.start[row] = to;
    this.hardEnd[row] = to + this.hardEnd[row]! - from;
    this.end[row] = to + size;
    this.limit[row] = to + room;
    this.used = to + room;
    this.abandoned += size;
    return to + size;
  }
}

/** The same numbers in an array of at least `length`. */
export function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
