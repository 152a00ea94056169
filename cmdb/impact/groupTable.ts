import { grown } from './dependentLists.ts';

/** Words per group in `words`: what the propagator reads of one group shares a cache line. */
export const GROUP_WORDS = 4;
/** The CI that needs the group. */
export const OWNER = 0;
/** How much of the members' weight may be lost before the group is down: all of it less what is needed. */
export const SLACK = 1;
/** Scratch of the propagator: weight of the members lost in this run. */
export const LOST = 2;
/** Scratch of the propagator: the place in the run of the member that was lost first, `UNTOUCHED` without one. */
export const FIRST_LOST = 3;
/** Later than every place. */
export const UNTOUCHED = 2 ** 31 - 1;

/** Percentages are kept to the hundredth, so that what they come to is exact. */
const HUNDREDTHS = 100;
const WHOLE = 100 * HUNDREDTHS;
/** Of a relation that declares no percentage. */
const NONE = 0;

/** How much of its group one relation declares to be needed. */
export interface Declaration {
  /** In units of weight: members, where none is told a weight. */
  readonly minUp: number;
  /** Of the whole group's weight; null: none declared. */
  readonly minUpPercent: number | null;
}

/**
 * The redundancy groups of a graph: so many, or so much of the weight, of their members must be up. A group is known by
 * its offset into `words`. Weights are whole numbers up to 10,000, so that 200,000 members fit a word.
 */
export class GroupTable {
  words = new Int32Array(0);
  count = 0;
  readonly names: string[] = [];
  readonly #byOwner = new Map<string, number>();
  /** What the relations of each group declare, in no order: min_up, and beside it hundredths of a percent. */
  readonly #declared: number[][] = [];
  readonly #members: number[] = [];
  readonly #weights: number[] = [];
  readonly #wanted: number[] = [];
  readonly #wantedShare: number[] = [];

  /** The offset of a CI's group, if there is one. */
  find(owner: number, name: string): number | undefined {
    return this.#byOwner.get(`${owner} ${name}`);
  }

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
    this.#weights.push(0);
    this.#wanted.push(1);
    this.#wantedShare.push(NONE);
    this.count += 1;
    this.#byOwner.set(key, at);
    return at;
  }

  /**
   * One relation of the group came.
   * @param members how many members it brings: 1, or 0 when its member stands there by another relation
   * @param weight what it adds to the group's weight
   */
  declare(at: number, declaration: Declaration, members: number, weight: number): void {
    const group = at / GROUP_WORDS;
    const share = shareOf(declaration);
    this.#declared[group]!.push(declaration.minUp, share);
    this.#wanted[group] = Math.max(this.#wanted[group]!, declaration.minUp);
    this.#wantedShare[group] = Math.max(this.#wantedShare[group]!, share);
    this.#members[group]! += members;
    this.#weights[group]! += weight;
    this.#settle(at);
  }

  /** One relation of the group went, and perhaps its member with it; the arguments as for `declare`. */
  withdraw(at: number, declaration: Declaration, members: number, weight: number): void {
    const group = at / GROUP_WORDS;
    const declared = this.#declared[group]!;
    const share = shareOf(declaration);
    let wanted = 1;
    let wantedShare = NONE;
    let gone = -1;
    for (let i = 0; i < declared.length; i += 2) {
      if (gone < 0 && declared[i] === declaration.minUp && declared[i + 1] === share) {
        gone = i;
        continue;
      }
      wanted = Math.max(wanted, declared[i]!);
      wantedShare = Math.max(wantedShare, declared[i + 1]!);
    }
    if (gone >= 0) declared.splice(gone, 2);
    this.#wanted[group] = wanted;
    this.#wantedShare[group] = wantedShare;
    this.#members[group]! -= members;
    this.#weights[group]! -= weight;
    this.#settle(at);
  }

  members(at: number): number {
    return this.#members[at / GROUP_WORDS]!;
  }

  /** Weight of all members together: their number, where none is told a weight. */
  weight(at: number): number {
    return this.#weights[at / GROUP_WORDS]!;
  }

  /** Weight that must be up: the most that is declared, never more than there is. */
  minUp(at: number): number {
    return this.weight(at) - this.words[at + SLACK]!;
  }

  name(at: number): string {
    return this.names[at / GROUP_WORDS]!;
  }

  #settle(at: number): void {
    const group = at / GROUP_WORDS;
    const weight = this.#weights[group]!;
    const byNumber = weight - Math.min(this.#wanted[group]!, weight);
    // The least whole weight that is up and not less than the share leaves this much to lose.
    const byShare = Math.floor((weight * (WHOLE - this.#wantedShare[group]!)) / WHOLE);
    this.words[at + SLACK] = Math.min(byNumber, byShare);
  }
}

function shareOf({ minUpPercent }: Declaration): number {
  return minUpPercent === null ? NONE : Math.round(minUpPercent * HUNDREDTHS);
}
