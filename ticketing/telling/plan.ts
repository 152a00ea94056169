import type { HitServiceDetail, OnCallStanding } from '../ports.ts';
import { unplanned } from '../priority/priority.ts';

/** Why somebody is told of a service. */
export const OWNER_ROLES = ['accountable', 'on_call', 'deputy'] as const;
export type OwnerRole = (typeof OWNER_ROLES)[number];

/** Somebody to be told, once for all of their services. */
export interface Recipient {
  readonly personId: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: string;
  readonly roles: readonly OwnerRole[];
  /** Worst first. */
  readonly services: readonly HitServiceDetail[];
  /** Whether they are told only when nobody of the others acknowledges. */
  readonly later: boolean;
}

/** Who is to be told of a fault. */
export interface TellingPlan {
  readonly recipients: readonly Recipient[];
  /** Services of which nobody is told at first: they have no owner, and nobody on call. */
  readonly nobodyFor: readonly string[];
  /** Services that have an on-call calendar on which nobody is. */
  readonly onCallGaps: readonly string[];
}

/** Who is on call, by the service's id. */
export type OnCallMap = ReadonlyMap<string, readonly OnCallStanding[]>;

interface Draft {
  readonly person: Omit<Recipient, 'roles' | 'services' | 'later'>;
  readonly roles: Set<OwnerRole>;
  readonly services: Set<HitServiceDetail>;
  later: boolean;
}

/**
 * Who is told of a fault, and who only later: for each service that it takes, the accountable owner and who is on call at
 * once; the deputies when nobody acknowledges, or at once where the accountable owner cannot be reached. Nobody appears
 * twice, neither by id nor by address, and what announced work takes anyway is nobody's news.
 */
export function planTelling(services: readonly HitServiceDetail[], onCall: OnCallMap): TellingPlan {
  const drafts = new Map<string, Draft>();
  const nobodyFor: string[] = [];
  const onCallGaps: string[] = [];
  const tell = (
    { ciId, name, email, phone, locale }: Person,
    role: OwnerRole,
    service: HitServiceDetail,
    later: boolean,
  ) => {
    const address = email?.toLowerCase();
    const known = drafts.get(ciId) ?? (address === undefined ? undefined : drafts.get(address));
    const draft = known ?? {
      ...{ person: { personId: ciId, name, email, phone, locale } },
      ...{ roles: new Set<OwnerRole>(), services: new Set<HitServiceDetail>(), later },
    };
    draft.roles.add(role);
    draft.services.add(service);
    draft.later &&= later;
    drafts.set(ciId, draft);
    if (address !== undefined) drafts.set(address, draft);
  };
  for (const service of unplanned(services)) {
    const standings = onCall.get(service.ciId) ?? [];
    const standing = standings.flatMap(({ person }) => person ?? []);
    const accountable = service.owners.filter((owner) => owner.role !== 'deputy');
    const deputies = service.owners.filter((owner) => owner.role === 'deputy');
    // A team that is accountable is reached by whoever is on call for it.
    const reached =
      accountable.some(({ email, phone }) => email !== null || phone !== null) ||
      standings.some(({ via, person }) => via === 'team' && person !== null);
    for (const owner of accountable) tell(owner, 'accountable', service, false);
    for (const person of standing) tell(person, 'on_call', service, false);
    for (const owner of deputies) tell(owner, 'deputy', service, reached);
    if (standings.length > 0 && standing.length === 0) onCallGaps.push(service.name);
    if (accountable.length + standing.length + deputies.length === 0) nobodyFor.push(service.name);
  }
  const recipients = [...new Set(drafts.values())].map(({ person, roles, services: theirs, later }) => ({
    ...person,
    roles: OWNER_ROLES.filter((role) => roles.has(role)),
    services: [...theirs],
    later,
  }));
  return { recipients, nobodyFor, onCallGaps };
}

type Person = Pick<Recipient, 'name' | 'email' | 'phone' | 'locale'> & { readonly ciId: string };
