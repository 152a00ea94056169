import type { CiState } from '../model/state.ts';
import { type BlastRadius, type ServiceStates, seedsOf, type VerdictOptions, without } from './blastRadius.ts';
import type { Failure, Health } from './health.ts';
import type { Loss } from './loss.ts';
import type { Projection } from './projection.ts';
import type { ServiceFacts } from './serviceTable.ts';
import type { ImpactVerdict } from './verdict.ts';

/** What is supposed, on top of the present health. */
export interface Supposition {
  readonly failed: readonly Failure[];
  /** CIs that are supposed to work again, by id or key. */
  readonly restored: readonly string[];
}

/** A service that would be in another state than it is. */
export interface ServiceChange {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly criticality: number;
  readonly before: CiState;
  readonly after: CiState;
}

export interface WhatIf {
  /** On what is supposed to fail, on top of the present health without what is supposed to be restored. */
  readonly verdict: ImpactVerdict;
  readonly difference: {
    /** Those that change, most critical first. */
    readonly services: readonly ServiceChange[];
    /** How many of them the reader may not see. */
    readonly withheld: number;
    readonly before: Loss;
    readonly after: Loss;
  };
}

/** What would be different from the present. Nothing is kept of it. */
export function whatIf(
  radius: BlastRadius,
  health: Health,
  { failed, restored }: Supposition,
  options: VerdictOptions,
): WhatIf {
  const { projection } = radius;
  const notOk = stillIll(projection, health.notOk, restored);
  const present = radius.serviceStates(seedsOf(projection, health.notOk));
  const seeds = seedsOf(projection, failed);
  const supposed = radius.serviceStates([...without(seedsOf(projection, notOk), seeds), ...seeds]);
  return {
    verdict: radius.verdict(failed, { ...health, notOk }, options),
    difference: { services: changes(present, supposed), withheld: 0, before: present.loss, after: supposed.loss },
  };
}

/** What is not ok, less what is supposed to work again. */
export function stillIll(
  projection: Projection,
  notOk: readonly Failure[],
  restored: readonly string[],
): readonly Failure[] {
  const mended = new Set(restored.map((ci) => projection.find(ci)));
  return notOk.filter(({ ciId }) => !mended.has(projection.find(ciId)));
}

function changes(present: ServiceStates, supposed: ServiceStates): ServiceChange[] {
  const told: (ServiceChange & { facts: ServiceFacts })[] = [];
  for (const facts of new Set([...supposed.states.keys(), ...present.states.keys()])) {
    const before = present.states.get(facts) ?? 'ok';
    const after = supposed.states.get(facts) ?? 'ok';
    const { ciId, key, name, criticality } = facts;
    if (before !== after) told.push({ ciId, key, name, criticality, before, after, facts });
  }
  told.sort(
    (a, b) => a.criticality - b.criticality || b.facts.costPerHour - a.facts.costPerHour || (a.key < b.key ? -1 : 1),
  );
  return told.map(({ facts: _, ...change }) => change);
}
