import type { GraphEdge, GraphNode } from '../graph/assetGraph.ts';
import { numberOr } from './serviceTable.ts';

/** The CI type that says what was agreed on for services; a relation of any type ties one to a service. */
export const SLA_TYPE = 'sla';

const MINUTES_A_DAY = 24 * 60;
const USUAL_PERIOD_DAYS = 30;

/**
 * What was agreed on for services: how long one outage may last. A service says so itself, or the SLAs tied to it do;
 * the strictest counts.
 *
 * `maxOutageMinutes` is that time; `availabilityPercent` allows as much as is left of `periodDays` (30 by default).
 */
export class SlaTable {
  readonly #minutes = new Map<number, number>();
  readonly #slasOf = new Map<number, number[]>();

  /** Notes what a CI, be it a service or an SLA, allows. */
  put(index: number, node: GraphNode): void {
    const minutes = allowedMinutes(node.attributes ?? {});
    if (minutes === null) this.#minutes.delete(index);
    else this.#minutes.set(index, minutes);
  }

  remove(index: number): void {
    this.#minutes.delete(index);
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

  /** How long an outage of a service may last; null: nothing was agreed on. */
  minutes(service: number): number | null {
    if (this.#minutes.size === 0) return null;
    let least = this.#minutes.get(service) ?? Number.POSITIVE_INFINITY;
    for (const sla of this.#slasOf.get(service) ?? []) {
      least = Math.min(least, this.#minutes.get(sla) ?? Number.POSITIVE_INFINITY);
    }
    return Number.isFinite(least) ? least : null;
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

function allowedMinutes(attributes: Readonly<Record<string, unknown>>): number | null {
  const outage = numberOr(attributes.maxOutageMinutes, Number.POSITIVE_INFINITY);
  const available = numberOr(attributes.availabilityPercent, Number.NaN);
  const days = numberOr(attributes.periodDays, USUAL_PERIOD_DAYS);
  const budget = Number.isNaN(available) ? Number.POSITIVE_INFINITY : (1 - available / 100) * days * MINUTES_A_DAY;
  const least = Math.max(0, Math.min(outage, budget));
  // To the hundredth of a minute: 99.9 % of 30 days are 43.2 minutes, and no binary fraction beside it.
  return Number.isFinite(least) ? Math.round(least * 100) / 100 : null;
}
