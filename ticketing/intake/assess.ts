import type { Tx } from '../../platform/index.ts';
import type { Policies } from '../policies/policies.ts';
import type { AssetContext, AssetContexts, Impact, ImpactVerdict, OnCall } from '../ports.ts';
import { derivePriority, type PriorityBasis, type Symptom, unplanned } from '../priority/priority.ts';
import { type Response, type ResponseAction, respond } from '../response/policy.ts';
import { type OnCallMap, planTelling, type TellingPlan } from '../telling/plan.ts';
import { type Anomaly, isIncident } from './anomaly.ts';

/** What an anomaly means for the plant and what is to be done about it. */
export interface Assessment {
  readonly anomaly: Anomaly;
  readonly symptom: Symptom;
  /** Null when the asset isn't in the CMDB. */
  readonly verdict: ImpactVerdict | null;
  readonly context: AssetContext;
  readonly basis: PriorityBasis;
  readonly response: Response;
  /** Who is told of what it takes; null where the rules tell no owners, or nothing is known of the asset. */
  readonly telling: TellingPlan | null;
}

export interface AssessDeps {
  readonly impact: Impact;
  readonly assets: AssetContexts;
  readonly onCall: OnCall;
}

const NOTHING_KNOWN: AssetContext = { machine: null, line: null, places: [], leaders: [], suppliers: [] };

/**
 * Assesses a batch. The impact is asked once per distinct asset: for its complete loss, since what counts for priority and
 * owners is what they lose if nothing is done, and how soon that may be is the urgency's side. An incident is there already:
 * its impact is that of what fails, in the state it is in, on top of what had failed before.
 *
 * An asset that the CMDB doesn't know gets no verdict. A CMDB that cannot answer fails the batch, which is then
 * delivered again: an order without its owners told would be worse than one some seconds later.
 */
export async function assess(
  deps: AssessDeps,
  tx: Tx,
  policies: Policies,
  anomalies: readonly Anomaly[],
  nowMs: number,
): Promise<Assessment[]> {
  const assetIds = [...new Set(anomalies.flatMap((a) => (a.assetId === null ? [] : [a.assetId])))];
  const contexts = await deps.assets.contexts(tx, assetIds);
  const ofAsset = new Map<string, Promise<ImpactVerdict>>();
  const verdicts = await Promise.all(
    anomalies.map(({ assetId, failing }) => {
      if (assetId === null || !contexts.has(assetId)) return null;
      if (failing) return deps.impact.impact(tx.tenantId, failing);
      const asked = ofAsset.get(assetId) ?? whatBreaks(deps.impact, tx.tenantId, assetId);
      ofAsset.set(assetId, asked);
      return asked;
    }),
  );
  const judged = anomalies.map((anomaly, place) => {
    const symptom = { level: anomaly.level, zone: anomaly.severityZone, confidence: anomaly.confidence };
    const verdict = verdicts[place]!;
    const context = (anomaly.assetId && contexts.get(anomaly.assetId)) || NOTHING_KNOWN;
    const basis = derivePriority(policies.priority, verdict?.services ?? null, symptom);
    const asked = respond(policies.response, anomaly.fault, symptom, basis.priority);
    // There is no line to stop for a server.
    const response = isIncident(anomaly.fault) ? without(asked, 'propose_stop') : asked;
    return { anomaly, symptom, verdict, context, basis, response };
  });
  const telling = judged.flatMap(({ verdict, response }) =>
    verdict && response.has('message_owners') ? unplanned(verdict.services) : [],
  );
  const serviceIds = [...new Set(telling.map(({ ciId }) => ciId))];
  // Now, not with the verdict: that is kept for as long as the plant stays as it is, and shifts change meanwhile.
  const onCall = serviceIds.length === 0 ? NOBODY_ON_CALL : await deps.onCall.onCall(tx, serviceIds, nowMs);
  return judged.map((one) => ({
    ...one,
    telling: one.verdict && one.response.has('message_owners') ? planTelling(one.verdict.services, onCall) : null,
  }));
}

const NOBODY_ON_CALL: OnCallMap = new Map();

export function whatBreaks(impact: Impact, tenantId: string, ciId: string): Promise<ImpactVerdict> {
  return impact.impact(tenantId, { failed: [{ ciId, state: 'down' }] });
}

function without(response: Response, action: ResponseAction): Response {
  return new Map([...response].filter(([asked]) => asked !== action));
}

/** Lower-cased addresses of everyone whom the fault concerns: they may read the order. */
export function concernedBy(verdict: ImpactVerdict | null, context: AssetContext): string[] {
  const people = [...(verdict?.services ?? []).flatMap((service) => service.owners), ...context.leaders];
  return [...new Set(people.flatMap((person) => (person.email ? [person.email.toLowerCase()] : [])))];
}
