import { lostMs, NO_OUTAGES, type PastOutages } from '../outages/pastOutages.ts';
import { soonestBreach } from './blastRadius.ts';
import type { Projection } from './projection.ts';
import type { OutageBudget } from './slaTable.ts';
import type { AffectedService, ImpactVerdict } from './verdict.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Takes off what SLAs allow for a period what earlier outages have used up of it. */
export async function withUsedUp(
  past: PastOutages,
  tenantId: string,
  projection: Projection,
  verdict: ImpactVerdict,
  nowMs: number,
): Promise<ImpactVerdict> {
  if (past === NO_OUTAGES) return verdict;
  const budgets = new Map<string, OutageBudget[]>();
  for (const { ciId, slaMinutesLeft } of verdict.services) {
    const agreed = slaMinutesLeft === null ? [] : projection.slas.budgets(projection.find(ciId)!);
    if (agreed.length > 0) budgets.set(ciId, agreed);
  }
  if (budgets.size === 0) return verdict;
  const longestDays = Math.max(...[...budgets.values()].flat().map(({ periodDays }) => periodDays));
  const outages = await past.of(tenantId, [...budgets.keys()], nowMs - longestDays * DAY_MS);
  if (outages.size === 0) return verdict;
  const left = (service: AffectedService): number | null => {
    const had = outages.get(service.ciId);
    if (had === undefined || service.slaMinutesLeft === null) return service.slaMinutesLeft;
    const lasted = projection.slas.minutes(projection.find(service.ciId)!)! - service.slaMinutesLeft;
    const ofPeriods = budgets.get(service.ciId)!.map(({ minutes, periodDays }) => {
      return minutes - lasted - lostMs(had, nowMs - periodDays * DAY_MS, nowMs) / MINUTE_MS;
    });
    return Math.round(Math.min(service.slaMinutesLeft, ...ofPeriods) * 100) / 100;
  };
  const services = verdict.services.map((service) => ({ ...service, slaMinutesLeft: left(service) }));
  return { ...verdict, services, howBad: { ...verdict.howBad, sla: soonestBreach(services) } };
}
