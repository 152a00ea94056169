import type { Clock } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { AssetGraph } from '../graph/assetGraph.ts';
import { type Reader, seesRestricted } from '../model/redaction.ts';
import { NO_OUTAGES, type PastOutages } from '../outages/pastOutages.ts';
import { type BlastRadius, seedsOf, type VerdictOptions, without } from './blastRadius.ts';
import { FreshByTenant } from './freshByTenant.ts';
import { ALL_WELL, type Failure, type Health, type HealthSource } from './health.ts';
import type { SingleLoss } from './losses.ts';
import type { Overlay } from './overlay.ts';
import type { Projection } from './projection.ts';
import { ProjectionCache } from './projectionCache.ts';
import { type Hidden, isNamed, redactedVerdict, redactedWhatIf, shownCard } from './redactedVerdict.ts';
import { type LifeEstimate, NO_PROGNOSIS, type RemainingLife } from './remainingLife.ts';
import type { Explanation } from './rootCauses.ts';
import { type SinglePointSearch, SinglePointSearches } from './singlePointSearches.ts';
import { withUsedUp } from './usedUp.ts';
import type { HowBad, ImpactVerdict } from './verdict.ts';
import { stillIll, type WhatIf, whatIf } from './whatIf.ts';

export type { HealthSource } from './health.ts';

export interface ImpactRequest {
  /** CIs by id or key, and what became of them. */
  readonly failed: readonly Failure[];
  /** What was not well before it, in place of the present health; announced work is added to it. */
  readonly before?: readonly Failure[] | undefined;
  /** A version of the graph that the verdict must know; waits for it at most a second. */
  readonly minVersion?: bigint | undefined;
  /** How many affected CIs to list besides the services; none by default. */
  readonly affectedLimit?: number | undefined;
  /**
   * To whom it is told, by a health at most 200 ms old. Without one everything is told, by a health that knows all that was
   * committed before the question: so the product's own parts ask.
   */
  readonly reader?: Reader | undefined;
}

/** What breaks, who cares, how bad. Leaves out: finding the failure, and doing anything about it. */
export interface Impact {
  /** @throws {FaultlineError} CMDB_CI_UNKNOWN, CMDB_VERSION_AHEAD */
  impact(tenantId: string, request: ImpactRequest): Promise<ImpactVerdict>;
}

/** Single losses that would take a CI down, on the graph and the health named. */
export interface NextLosses {
  readonly graphVersion: string;
  readonly healthVersion: string;
  /** It is down already: nothing more can take it down. */
  readonly alreadyDown: boolean;
  /** Nearest first, each with what is left of its life where a prognosis was made. */
  readonly losses: readonly (SingleLoss & { readonly remainingLife: LifeEstimate | null })[];
}

export interface RankedCauses extends Explanation {
  readonly graphVersion: string;
}

export interface WhatIfRequest {
  readonly fail: readonly Failure[];
  /** CIs to be worked on, by id or key: they and all that is part of them are down as planned. */
  readonly maintain: readonly string[];
  /** CIs that are not ok and are supposed to work again. */
  readonly restore: readonly string[];
  readonly affectedLimit?: number | undefined;
  readonly reader?: Reader | undefined;
}

/**
 * What a failure is asked about beside "what breaks": the present, what is only supposed, and what is behind it. To a
 * reader without cmdb:restricted a restricted CI is unknown, and in answers an anonymous one stands in its place.
 */
export interface ImpactQuestions {
  /** What all that is not ok at present comes to. */
  present(tenantId: string, affectedLimit: number, reader?: Reader): Promise<ImpactVerdict>;
  /**
   * What would be if; nothing of it is kept.
   * @throws {FaultlineError} CMDB_CI_UNKNOWN
   */
  whatIf(tenantId: string, request: WhatIfRequest): Promise<WhatIf>;
  /**
   * The states of all CIs at present, or if what is asked were so.
   * @throws {FaultlineError} CMDB_CI_UNKNOWN
   */
  overlay(tenantId: string, request: Omit<WhatIfRequest, 'affectedLimit'>): Promise<Overlay>;
  /**
   * @param ci id or key
   * @param failed taken as failed on top of the present health
   * @throws {FaultlineError} CMDB_CI_UNKNOWN
   */
  nextLosses(tenantId: string, ci: string, failed: readonly Failure[], reader?: Reader): Promise<NextLosses>;
  /** The CIs whose loss alone takes services down, worst first; a long search is carried on and told of. */
  singlePoints(tenantId: string, reader?: Reader): Promise<SinglePointSearch>;
  /** @throws {FaultlineError} CMDB_CI_UNKNOWN */
  rootCauses(tenantId: string, alarms: readonly Failure[], limit: number, reader?: Reader): Promise<RankedCauses>;
  /**
   * Which of these failures follow from others of them.
   * @param failures by id, those first that would be believed first; CIs that are not in the graph are left out
   * @returns the id of its cause for each CI that is a symptom
   */
  symptoms(tenantId: string, failures: readonly Failure[]): Promise<ReadonlyMap<string, string>>;
}

export interface ImpactOptions {
  graph: AssetGraph;
  clock: Clock;
  health?: HealthSource | undefined;
  /** What is not available while CIs are worked on; they alone without it. Takes ids. */
  workedOn?: ((tenantId: string, ciIds: readonly string[]) => Promise<readonly Failure[]>) | undefined;
  remainingLife?: RemainingLife | undefined;
  /** When services were down before; counts for what SLAs allow yet. */
  pastOutages?: PastOutages | undefined;
  /** Most tenants whose graph is kept in memory. */
  projections?: number | undefined;
  /** Told how long each verdict took, loading included. */
  onVerdict?: (seconds: number) => void;
}

const PROJECTIONS_KEPT = 16;

/** Impact computed in this process. */
export function inProcessImpact(options: ImpactOptions): Impact & ImpactQuestions {
  const { graph, clock, remainingLife = NO_PROGNOSIS, pastOutages = NO_OUTAGES } = options;
  const { health: source, projections: capacity = PROJECTIONS_KEPT } = options;
  const cache = new ProjectionCache({ graph, clock, capacity });
  const healths =
    source &&
    new FreshByTenant<Health>({
      clock,
      capacity,
      renew: async (tenantId, held) => {
        held.value = await source.health(tenantId);
      },
    });
  const healthOf = async (tenantId: string, fresh = false): Promise<Health> =>
    (await (fresh ? healths?.now(tenantId) : healths?.recent(tenantId))) ?? ALL_WELL;
  const searches = new SinglePointSearches(clock);
  /** A projection that knows every CI named, as far as its reader may know; one created a moment ago is waited for. */
  const knowing = async (
    tenantId: string,
    cis: readonly string[],
    field: string,
    reader?: Reader,
    minVersion?: bigint,
  ) => {
    const isUnknown = ({ projection }: BlastRadius) =>
      cis.find((ci) => {
        const node = projection.find(ci);
        return node === undefined || hiddenFrom(reader, projection)?.has(projection.cards[node]!.ciId);
      });
    let radius = await cache.current(tenantId, minVersion);
    if (isUnknown(radius) !== undefined) {
      await cache.refresh(tenantId);
      radius = await cache.current(tenantId, minVersion);
    }
    const unknown = isUnknown(radius);
    if (unknown !== undefined) throw cmdbErrors.CMDB_CI_UNKNOWN({ ci: unknown }, { field });
    return radius;
  };
  const inPeriod = (tenantId: string, { projection }: BlastRadius, verdict: ImpactVerdict) =>
    withUsedUp(pastOutages, tenantId, projection, verdict, clock.nowMs());
  const workedOn = async (tenantId: string, cis: readonly string[], reader?: Reader): Promise<readonly Failure[]> => {
    if (cis.length === 0) return [];
    const { projection } = await knowing(tenantId, cis, 'maintain', reader);
    const ids = cis.map((ci) => projection.cards[projection.find(ci)!]!.ciId);
    return options.workedOn?.(tenantId, ids) ?? ids.map((ciId) => ({ ciId, state: 'down', planned: true }));
  };
  /** What is supposed, as failures: work is planned failure, unless the CI is told to fail by itself. */
  const supposition = async (tenantId: string, request: Omit<WhatIfRequest, 'affectedLimit'>) => {
    const { fail, maintain, restore, reader } = request;
    const health = await healthOf(tenantId);
    const maintained = await workedOn(tenantId, maintain, reader);
    const named = [...fail.map((failure) => failure.ciId), ...restore];
    const radius = await knowing(tenantId, named, 'fail', reader);
    const failing = new Set(fail.map(({ ciId }) => radius.projection.find(ciId)));
    const failed = [...fail, ...maintained.filter(({ ciId }) => !failing.has(radius.projection.find(ciId)))];
    return { health, radius, supposed: { failed, restored: restore } };
  };
  return {
    impact: async (tenantId, { reader, ...request }) => {
      const startedNs = clock.nowNs();
      const present = await healthOf(tenantId, reader === undefined);
      const health = request.before ? { ...present, notOk: withWork(request.before, present.notOk) } : present;
      const failed = request.failed.map((failure) => failure.ciId);
      const radius = await knowing(tenantId, failed, 'failed', reader, request.minVersion);
      const fresh = radius.verdict(request.failed, health, verdictOptions(clock, request.affectedLimit));
      const verdict = await inPeriod(tenantId, radius, fresh);
      const told = redactedVerdict(hiddenFrom(reader, radius.projection), verdict);
      const whole = await withLives(remainingLife, tenantId, told);
      options.onVerdict?.(Number(clock.nowNs() - startedNs) / 1e9);
      return whole;
    },
    present: async (tenantId, affectedLimit, reader) => {
      const { notOk, version } = await healthOf(tenantId);
      const radius = await cache.current(tenantId);
      const fresh = radius.verdict(notOk, { version, notOk: [] }, verdictOptions(clock, affectedLimit));
      const verdict = await inPeriod(tenantId, radius, fresh);
      return withLives(remainingLife, tenantId, redactedVerdict(hiddenFrom(reader, radius.projection), verdict));
    },
    whatIf: async (tenantId, request) => {
      const { health, radius, supposed } = await supposition(tenantId, request);
      const told = whatIf(radius, health, supposed, verdictOptions(clock, request.affectedLimit));
      const verdict = await inPeriod(tenantId, radius, told.verdict);
      const answer = redactedWhatIf(hiddenFrom(request.reader, radius.projection), { ...told, verdict });
      return { ...answer, verdict: await withLives(remainingLife, tenantId, answer.verdict) };
    },
    overlay: async (tenantId, request) => {
      const { health, radius, supposed } = await supposition(tenantId, request);
      const { projection } = radius;
      const failing = seedsOf(projection, supposed.failed);
      const present = seedsOf(projection, stillIll(projection, health.notOk, supposed.restored));
      return radius.overlay([...without(present, failing), ...failing], health.version);
    },
    nextLosses: async (tenantId, ci, failed, reader) => {
      const health = await healthOf(tenantId);
      const radius = await knowing(tenantId, [ci, ...failed.map((failure) => failure.ciId)], 'ci', reader);
      const { projection, questions } = radius;
      const seeds = seedsOf(projection, failed);
      const given = without(seedsOf(projection, health.notOk), seeds);
      const losses = questions.nextLosses(projection.find(ci)!, [...given, ...seeds]);
      const versions = { graphVersion: String(projection.version), healthVersion: health.version };
      const hidden = hiddenFrom(reader, projection);
      const shown = (losses ?? []).map((loss) => shownCard(hidden, loss));
      const named = shown.filter(isNamed).map((loss) => loss.ciId);
      const lives = await remainingLife.of(tenantId, named);
      return {
        ...versions,
        alreadyDown: losses === null,
        losses: shown.map((loss) => ({ ...loss, remainingLife: lives.get(loss.ciId) ?? null })),
      };
    },
    singlePoints: async (tenantId, reader) => {
      const health = await healthOf(tenantId);
      const search = await searches.ask(tenantId, await cache.current(tenantId), health, () => cache.current(tenantId));
      const { projection } = await cache.current(tenantId);
      const hidden = hiddenFrom(reader, projection);
      return { ...search, points: search.points?.map((point) => shownCard(hidden, point)) ?? null };
    },
    rootCauses: async (tenantId, alarms, limit, reader) => {
      const named = alarms.map((alarm) => alarm.ciId);
      const { projection, questions } = await knowing(tenantId, named, 'alarms', reader);
      const hidden = hiddenFrom(reader, projection);
      const { causes, together } = questions.rootCauses(seedsOf(projection, alarms), limit);
      return {
        graphVersion: String(projection.version),
        causes: causes.map((cause) => shownCard(hidden, cause)),
        together: together.map((cause) => shownCard(hidden, cause)),
      };
    },
    symptoms: async (tenantId, failures) => {
      const { projection, questions } = await cache.current(tenantId);
      const known = failures.filter(({ ciId }) => projection.find(ciId) !== undefined);
      const causes = questions.symptoms(seedsOf(projection, known));
      return new Map([...causes].map(([symptom, cause]) => [known[symptom]!.ciId, known[cause]!.ciId]));
    },
  };
}

/** What of a graph a reader may not see. */
function hiddenFrom(reader: Reader | undefined, { restricted }: Projection): Hidden {
  return reader === undefined || seesRestricted(reader) ? null : restricted;
}

/** What a caller says was not well, together with what is being worked on: nobody loses by a failure what work took anyway. */
function withWork(before: readonly Failure[], present: readonly Failure[]): Failure[] {
  const work = present.filter(({ planned }) => planned === true);
  const worked = new Set(work.map(({ ciId }) => ciId));
  return [...before.filter(({ ciId }) => !worked.has(ciId)), ...work];
}

function verdictOptions(clock: Clock, affectedLimit = 0): VerdictOptions {
  return { affectedLimit, nowMs: clock.nowMs() };
}

/** Adds what a prognosis says of the failed CIs. */
async function withLives(life: RemainingLife, tenantId: string, verdict: ImpactVerdict): Promise<ImpactVerdict> {
  if (life === NO_PROGNOSIS || verdict.failed.length === 0) return verdict;
  const named = verdict.failed.filter(isNamed).map((one) => one.ciId);
  const lives = await life.of(tenantId, named);
  const failed = verdict.failed.map((one) => ({ ...one, remainingLife: lives.get(one.ciId) ?? null }));
  let nearestEnd: HowBad['nearestEnd'] = null;
  for (const { ciId, name, remainingLife } of failed) {
    if (remainingLife === null || (nearestEnd !== null && nearestEnd.p50Hours <= remainingLife.p50Hours)) continue;
    nearestEnd = { ciId, name, ...remainingLife };
  }
  return { ...verdict, failed, howBad: { ...verdict.howBad, nearestEnd } };
}
