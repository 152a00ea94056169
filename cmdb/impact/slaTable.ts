import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import { numberOr } from './serviceTable.ts';

/** The CI type that says what was agreed on for services; a relation of any type ties one to a service. */
export const SLA_TYPE = 'sla';

const MINUTES_A_DAY = 24 * 60;
const USUAL_PERIOD_DAYS = 30;

/** What may be lost of a period, all outages in it together. */
export interface OutageBudget {
  readonly minutes: number;
  readonly periodDays: number;
}

interface Terms {
  /** How long one outage may last. */
  readonly minutes: number;
  readonly budget: OutageBudget | null;
}

/**
 * What was agreed on for services: how long one outage may last. A service says so itself, or the SLAs tied to it do;
 * the strictest counts.
 *
 * `maxOutageMinutes` is that time; `availabilityPercent` allows as much as is left of `periodDays` (30 by default), of
 * which earlier outages have used up their part.
 */
export class SlaTable {
  readonly #terms = new Map<number, Terms>();
  readonly #slasOf = new Map<number, number[]>();

  /** Notes what a CI, be it a service or an SLA, allows. */
  put(index: number, node: GraphNode): void {
    const terms = termsOf(node.attributes ?? {});
    if (terms === null) this.#terms.delete(index);
    else this.#terms.set(index, terms);
  }

  remove(index: number): void {
    this.#terms.delete(index);
  }

  link(service: number, sla: number): void {
    const slas = this.#slasOf.get(service);
    if (slas === undefined) this.#slasOf.set(service, [sla]);
    else slas.push(sla);
  }

  unlink(service: number, sla: number): void {
    const slas = this.#slasOf.get(service) ?? [];
    const place = slas.indexOf(sla);
    if (place >= 0) slas.splice(place, 1);
  }

  /** How long an outage of a service may last that had none before; null: nothing was agreed on. */
  minutes(service: number): number | null {
    const least = this.#of(service).reduce((min, { minutes }) => Math.min(min, minutes), Number.POSITIVE_INFINITY);
    return Number.isFinite(least) ? least : null;
  }

  /** What was agreed on for periods. */
  budgets(service: number): OutageBudget[] {
    return this.#of(service).flatMap(({ budget }) => (budget === null ? [] : [budget]));
  }

  #of(service: number): Terms[] {
    if (this.#terms.size === 0) return [];
    return [service, ...(this.#slasOf.get(service) ?? [])].flatMap((index) => this.#terms.get(index) ?? []);
  }
}

/** Which end of a relation is the service, and which its SLA; null when neither type is `sla`. */
export function slaEnds(
  { fromId, toId }: GraphEdge,
  typeOf: (id: string) => string | undefined,
): { serviceId: string; slaId: string } | null {
  if (typeOf(toId) === SLA_TYPE) return { serviceId: fromId, slaId: toId };
  if (typeOf(fromId) === SLA_TYPE) return { serviceId: toId, slaId: fromId };
  return null;
}

function termsOf(attributes: Readonly<Record<string, unknown>>): Terms | null {
  const outage = numberOr(attributes.maxOutageMinutes, Number.POSITIVE_INFINITY);
  const available = numberOr(attributes.availabilityPercent, Number.NaN);
  const periodDays = numberOr(attributes.periodDays, USUAL_PERIOD_DAYS);
  const allowed = Number.isNaN(available)
    ? Number.POSITIVE_INFINITY
    : (1 - available / 100) * periodDays * MINUTES_A_DAY;
  const minutes = hundredths(Math.min(outage, allowed));
  if (!Number.isFinite(minutes)) return null;
  return { minutes, budget: Number.isFinite(allowed) ? { minutes: hundredths(allowed), periodDays } : null };
}

/** To the hundredth of a minute: 99.9 % of 30 days are 43.2 minutes, and no binary fraction beside it. */
export function hundredths(minutes: number): number {
  return Math.round(Math.max(0, minutes) * 100) / 100;
}
