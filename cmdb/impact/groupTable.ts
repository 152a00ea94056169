import { grown } from './dependentLists.ts';

/** Words per group in `words`: what the propagator reads of one group shares a cache line. */
export const GROUP_WORDS = 4;
/** The CI that needs the group. */
export const OWNER = 0;
/** How many members may be lost before the group is down: members - min_up. */
export const SLACK = 1;
/** Scratch of the propagator: members lost in this run. */
export const LOST = 2;
/** Scratch of the propagator: the place in the run of the member that was lost first, `UNTOUCHED` without one. */
export const FIRST_LOST = 3;
/** Later than every place. */
export const UNTOUCHED = 2 ** 31 - 1;

/** The redundancy groups (n-of-m) of a graph. A group is known by its offset into `words`. */
export class GroupTable {
  words = new Int32Array(0);
  count = 0;
  readonly names: string[] = [];
  readonly #byOwner = new Map<string, number>();
  /** The min_up that each relation of the group declares, in no order. */
  readonly #declared: number[][] = [];
  readonly #members: number[] = [];
  readonly #wanted: number[] = [];

  /** The offset of a CI's group, made when there is none. */
  offset(owner: number, name: string): number {
    const key = `${owner} ${name}`;
    const known = this.#byOwner.get(key);
    if (known !== undefined) return known;
    const at = this.count * GROUP_WORDS;
    if (at + GROUP_WORDS > this.words.length) this.words = grown(this.words, Math.max(64, this.words.length * 2));
    this.words[at + OWNER] = owner;
    this.words[at + FIRST_LOST] = UNTOUCHED;
    this.names.push(name);
    this.#declared.push([]);
    this.#members.push(0);
    this.#wanted.push(1);
    this.count += 1;
    this.#byOwner.set(key, at);
    return at;
  }

  /** One relation of the group came: its declared min_up counts, and it may bring a new member. */
  declare(at: number, minUp: number, newMember: boolean): void {
    const group = at / GROUP_WORDS;
    this.#declared[group]!.push(minUp);
    this.#wanted[group] = Math.max(this.#wanted[group]!, minUp);
    if (newMember) this.#members[group]! += 1;
    this.#settle(at);
  }

  /** One relation of the group went, and perhaps its member with it. */
  withdraw(at: number, minUp: number, memberGone: boolean): void {
    const group = at / GROUP_WORDS;
    const declared = this.#declared[group]!;
    const place = declared.indexOf(minUp);
    if (place >= 0) declared.splice(place, 1);
    this.#wanted[group] = declared.reduce((most, one) => Math.max(most, one), 1);
    if (memberGone) this.#members[group]! -= 1;
    this.#settle(at);
  }

  members(at: number): number {
    return this.#members[at / GROUP_WORDS]!;
  }

  /** Members that must be up: the largest number declared, never more than there are. */
  minUp(at: number): number {
    return this.members(at) - this.words[at + SLACK]!;
  }

  name(at: number): string {
    return this.names[at / GROUP_WORDS]!;
  }

  #settle(at: number): void {
    const group = at / GROUP_WORDS;
    const members = this.#members[group]!;
    this.words[at + SLACK] = members - Math.min(this.#wanted[group]!, members);
  }
}
