import type { GraphNode } from '../graph/assetGraph.ts';

/** CI types that can answer for something, and whose attributes say how to reach them. */
export const PARTY_TYPES: ReadonlySet<string> = new Set(['person', 'team', 'supplier']);

export type OwnerRole = 'accountable' | 'deputy';

export interface Owner {
  readonly ciId: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: string;
  readonly role: OwnerRole;
}

interface Party {
  readonly ciId: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: string;
}

const NOBODY: readonly Owner[] = Object.freeze([]);

/** Who answers for which CI: the accountable first, then deputies, each by name. */
export class OwnerTable {
  readonly #parties = new Map<number, Party>();
  readonly #links = new Map<number, { party: number; role: OwnerRole }[]>();
  /** Ready lists; emptied whenever a party or a link changes. */
  readonly #ready = new Map<number, readonly Owner[]>();

  putParty(index: number, node: GraphNode): void {
    const isParty = PARTY_TYPES.has(node.type);
    if (!isParty && !this.#parties.has(index)) return;
    this.#ready.clear();
    if (!isParty) {
      this.#parties.delete(index);
      return;
    }
    const { email, phone, locale } = node.attributes ?? {};
    this.#parties.set(index, {
      ciId: node.id,
      name: node.name,
      email: textOr(email, null),
      phone: textOr(phone, null),
      locale: textOr(locale, 'en'),
    });
  }

  removeParty(index: number): void {
    this.#ready.clear();
    this.#parties.delete(index);
  }

  link(owned: number, party: number, role: string | null): void {
    this.#ready.delete(owned);
    const links = this.#links.get(owned);
    const link = { party, role: role === 'deputy' ? ('deputy' as const) : ('accountable' as const) };
    if (links === undefined) this.#links.set(owned, [link]);
    else links.push(link);
  }

  unlink(owned: number, party: number): void {
    this.#ready.delete(owned);
    const rest = (this.#links.get(owned) ?? []).filter((link) => link.party !== party);
    if (rest.length > 0) this.#links.set(owned, rest);
    else this.#links.delete(owned);
  }

  /** The owners of a CI; frozen, and shared between verdicts. */
  of(owned: number): readonly Owner[] {
    const ready = this.#ready.get(owned);
    if (ready !== undefined) return ready;
    const links = this.#links.get(owned);
    if (links === undefined) return NOBODY;
    const owners: Owner[] = [];
    for (const { party, role } of links) {
      const known = this.#parties.get(party);
      if (known !== undefined) owners.push(Object.freeze({ ...known, role }));
    }
    owners.sort((a, b) => compareText(a.role, b.role) || compareText(a.name, b.name));
    this.#ready.set(owned, Object.freeze(owners));
    return owners;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function textOr<T>(value: unknown, fallback: T): string | T {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
