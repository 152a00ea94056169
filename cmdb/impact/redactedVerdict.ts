import type { Owner } from './ownerTable.ts';
import type { CiCard } from './projection.ts';
import { unseenInWords } from './unseen.ts';
import type { AffectedService, ImpactVerdict } from './verdict.ts';
import type { WhatIf } from './whatIf.ts';

/** Ids of the CIs that a reader may not see; null: they see all. */
export type Hidden = ReadonlySet<string> | null;

/** What stands in the place of a CI that is withheld: that there is one, and nothing else. */
const ANONYMOUS: CiCard = Object.freeze({
  ciId: 'restricted',
  key: 'restricted',
  name: 'restricted',
  type: 'restricted',
});

/** A CI in an answer as somebody may see it; what was found out of it stays, who it is does not. */
export function shownCard<C extends { readonly ciId: string }>(hidden: Hidden, card: C): C {
  if (!hidden?.has(card.ciId)) return card;
  const told = Object.entries(ANONYMOUS).filter(([name]) => name in card);
  return { ...card, ...Object.fromEntries(told) };
}

/** Whether an answer names a CI, rather than withholding which it is. */
export function isNamed({ ciId }: { readonly ciId: string }): boolean {
  return ciId !== ANONYMOUS.ciId;
}

/**
 * A verdict as somebody may see it: computed on the whole graph, so that it says the same to everybody, and told without
 * the CIs that are withheld. In chains and among what failed an anonymous one stands in their place; services, affected
 * CIs and owners are left out and counted.
 */
export function redactedVerdict(hidden: Hidden, verdict: ImpactVerdict): ImpactVerdict {
  if (hidden === null || hidden.size === 0) return verdict;
  const { howBad } = verdict;
  let owners = 0;
  const shownOwners = (all: readonly Owner[]): readonly Owner[] => {
    const shown = all.filter((owner) => !hidden.has(owner.ciId));
    owners += all.length - shown.length;
    return shown.length === all.length ? all : shown;
  };
  const services = verdict.services.filter((service) => !hidden.has(service.ciId));
  const affected = verdict.affected.filter((one) => !hidden.has(one.ciId));
  return {
    ...verdict,
    failed: verdict.failed.map((one) => shownCard(hidden, one)),
    howBad: {
      ...howBad,
      sla: howBad.sla && shownCard(hidden, howBad.sla),
      nearestEnd: howBad.nearestEnd && shownCard(hidden, howBad.nearestEnd),
    },
    services: services.map((service) => ({ ...shownService(hidden, service), owners: shownOwners(service.owners) })),
    affected: affected.map((one) => ({ ...one, owners: shownOwners(one.owners) })),
    withheld: {
      services: verdict.services.length - services.length,
      affected: verdict.affected.length - affected.length,
      owners,
    },
  };
}

function shownService(hidden: ReadonlySet<string>, service: AffectedService): AffectedService {
  const { redundancy, unseen } = service;
  const isShown = redundancy === null || !hidden.has(redundancy.ciId);
  const step = unseen && {
    days: unseen.days,
    provider: shownCard(hidden, unseen.provider),
    dependent: shownCard(hidden, unseen.dependent),
  };
  return {
    ...service,
    causeChain: service.causeChain.map((one) => shownCard(hidden, one)),
    redundancy: isShown ? redundancy : null,
    redundancyLeft: isShown ? service.redundancyLeft : null,
    unseen: step,
    uncertainty: step && unseenInWords(step),
  };
}

/** The same of a supposition. */
export function redactedWhatIf(hidden: Hidden, answer: WhatIf): WhatIf {
  const { services } = answer.difference;
  const shown = services.filter((service) => !hidden?.has(service.ciId));
  const withheld = services.length - shown.length;
  return {
    verdict: redactedVerdict(hidden, answer.verdict),
    difference: { ...answer.difference, services: shown, withheld },
  };
}
