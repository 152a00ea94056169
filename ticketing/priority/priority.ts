import type { Urgency, Zone } from './policy.ts';
import { GRADES, type Grade, type Level, PRIORITIES, type Priority, type PriorityPolicy, URGENCIES } from './policy.ts';

/** What the impact side is judged by: the services that the failure would hit. */
export interface HitService {
  readonly name: string;
  readonly state: 'degraded' | 'down';
  readonly criticality: number;
  readonly costPerHour: number;
  readonly users: number;
  /** Whether announced work alone would have done as much: nobody's loss by the fault. */
  readonly planned?: boolean | undefined;
}

/** What the urgency side is judged by. */
export interface Symptom {
  readonly level: Level;
  readonly zone: Zone | null;
  readonly confidence: number;
}

/** A priority with the reasons that led to it, kept on the order and shown. */
export interface PriorityBasis {
  readonly priority: Priority;
  readonly impact: Grade;
  readonly impactBecause: string;
  readonly urgency: Urgency;
  readonly urgencyBecause: string;
  /** Services that were left out because announced work alone would have hit them as much; at most 20 are named. */
  readonly planned?: readonly string[] | undefined;
}

const MOST_PLANNED_NAMED = 20;

/** What a fault takes away: services that announced work would have taken anyway are left out. */
export function unplanned<S extends { readonly planned?: boolean | undefined }>(services: readonly S[]): S[] {
  return services.filter(({ planned }) => planned !== true);
}

const ONLY_ANNOUNCED = 'only services that announced work takes anyway depend on it';

/** @param announced whether services were left out because announced work takes them anyway */
function gradeImpact(
  policy: PriorityPolicy,
  services: readonly HitService[] | null,
  announced: boolean,
): [Grade, string] {
  const lowest = GRADES[GRADES.length - 1]!;
  if (!services) return [lowest, 'the asset is not in the CMDB, so nothing is known to depend on it'];
  if (services.length === 0) return [lowest, announced ? ONLY_ANNOUNCED : 'no business service depends on it'];
  // A degraded service still serves: it weighs like one of the next lower criticality.
  const worst = services.reduce((a, b) => (weight(b) < weight(a) ? b : a));
  const users = services.reduce((sum, service) => sum + service.users, 0);
  const costPerHour = services.reduce((sum, service) => sum + service.costPerHour, 0);
  for (const row of policy.impact) {
    if (row.criticalityAtMost !== undefined && weight(worst) <= row.criticalityAtMost) {
      return [row.grade, `${worst.name} (criticality ${worst.criticality}) would be ${worst.state}`];
    }
    if (row.usersAtLeast !== undefined && users >= row.usersAtLeast) return [row.grade, `${users} users affected`];
    if (row.costPerHourAtLeast !== undefined && costPerHour >= row.costPerHourAtLeast) {
      return [row.grade, `${costPerHour} lost per hour`];
    }
    if (row.servicesAtLeast !== undefined && services.length >= row.servicesAtLeast) {
      return [row.grade, `${services.length} services affected`];
    }
  }
  return [lowest, `${services.length} services affected, below every threshold`];
}

function weight(service: HitService): number {
  return service.criticality + (service.state === 'degraded' ? 1 : 0);
}

function gradeUrgency(policy: PriorityPolicy, symptom: Symptom): [Urgency, string] {
  for (const row of policy.urgency) {
    if (row.level !== undefined && row.level !== symptom.level) continue;
    if (row.zones !== undefined && (symptom.zone === null || !row.zones.includes(symptom.zone))) continue;
    if (row.confidenceAtLeast !== undefined && symptom.confidence < row.confidenceAtLeast) continue;
    const because = [`level ${symptom.level}`];
    if (row.zones !== undefined) because.push(`zone ${symptom.zone}`);
    if (row.confidenceAtLeast !== undefined) because.push(`confidence ${symptom.confidence.toFixed(2)}`);
    return [row.urgency, because.join(', ')];
  }
  return [URGENCIES[URGENCIES.length - 1]!, `level ${symptom.level}, below every threshold`];
}

/**
 * The priority of a fault: impact × urgency through the tenant's matrix.
 *
 * @param services the services of the impact verdict; null when the asset is unknown and no verdict exists
 * @example derivePriority(DEFAULT_PRIORITY_POLICY, null, { level: 'warning', zone: null, confidence: 0.4 }).priority // 'P4'
 */
export function derivePriority(
  policy: PriorityPolicy,
  services: readonly HitService[] | null,
  symptom: Symptom,
): PriorityBasis {
  const planned = (services ?? []).filter((service) => service.planned === true).map(({ name }) => name);
  const [impact, impactBecause] = gradeImpact(policy, services && unplanned(services), planned.length > 0);
  const [urgency, urgencyBecause] = gradeUrgency(policy, symptom);
  const basis = { priority: policy.matrix[impact][urgency], impact, impactBecause, urgency, urgencyBecause };
  return planned.length === 0 ? basis : { ...basis, planned: planned.slice(0, MOST_PLANNED_NAMED) };
}

/** Whether `a` is more pressing than `b`. */
export function isHigher(a: Priority, b: Priority): boolean {
  return PRIORITIES.indexOf(a) < PRIORITIES.indexOf(b);
}

/** When an order of this priority must have been taken and been repaired, counted from `fromMs`. */
export function dueTimes(policy: PriorityPolicy, priority: Priority, fromMs: number): DueTimes {
  const { responseMinutes, resolutionMinutes } = policy.due[priority];
  return { responseDueMs: fromMs + responseMinutes * 60_000, resolutionDueMs: fromMs + resolutionMinutes * 60_000 };
}

export interface DueTimes {
  readonly responseDueMs: number;
  readonly resolutionDueMs: number;
}
