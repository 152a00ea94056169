import type { Api } from '../attach/index.ts';

/** A verdict, as far as it is told here. */
export interface Verdict {
  readonly affectedCount: number;
  readonly services: readonly {
    readonly key: string;
    readonly name: string;
    readonly state: 'degraded' | 'down';
    readonly owners: readonly { readonly name: string; readonly role: string }[];
    readonly causeChain: readonly { readonly name: string }[];
    readonly redundancyLeft: string | null;
  }[];
  readonly affected: readonly {
    readonly key: string;
    readonly name: string;
    readonly type: string;
    readonly state: string;
  }[];
  readonly howBad: { readonly costPerHour: number; readonly users: number };
}

/** What the loss of one CI would do. */
export interface Loss {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly servicesDown: number;
  readonly servicesDegraded: number;
  readonly othersAffected: number;
}

export interface Survey {
  readonly types: ReadonlyMap<string, number>;
  readonly cis: number;
  /** CIs whose loss was tried. */
  readonly tried: number;
  /** Worst first; those that touch nothing are left out. */
  readonly losses: readonly Loss[];
}

/** Each costs a question over HTTP, of a few milliseconds. */
const MOST_TRIED = 1_000;
const AT_ONCE = 8;

interface CiItem {
  readonly key: string;
  readonly name: string;
  readonly type: string;
}

/** Asks what breaks when any one CI is lost: of all CIs, or of as many of each type of a larger graph. */
export async function surveyLosses(api: Api, tried: (done: number, of: number) => void): Promise<Survey> {
  const cis = await api.list<CiItem>('/api/v1/cmdb/cis?limit=200');
  const byType = Map.groupBy(cis, ({ type }) => type);
  const chosen = evenly([...byType.values()], MOST_TRIED);
  const waiting = [...chosen];
  const losses: Loss[] = [];
  const ask = async () => {
    for (let ci = waiting.pop(); ci !== undefined; ci = waiting.pop()) {
      losses.push(lossOf(ci, await verdictOf(api, [{ ci: ci.key, state: 'down' }], 0)));
      tried(losses.length, chosen.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const touching = losses.filter((one) => one.servicesDown + one.servicesDegraded + one.othersAffected > 0);
  return {
    types: new Map([...byType].map(([type, of]) => [type, of.length])),
    cis: cis.length,
    tried: chosen.length,
    losses: touching.sort(worseFirst),
  };
}

/** What breaks when these fail together. @throws {ApiError} CMDB_CI_UNKNOWN */
export function verdictOf(
  api: Api,
  failed: readonly { readonly ci: string; readonly state: string }[],
  affectedLimit: number,
): Promise<Verdict> {
  return api.post<Verdict>('/api/v1/cmdb/impact', { failed, affectedLimit });
}

function lossOf({ key, name, type }: CiItem, { services, affectedCount }: Verdict): Loss {
  const hit = services.filter((service) => service.key !== key);
  const down = hit.filter(({ state }) => state === 'down').length;
  return {
    ...{ key, name, type },
    servicesDown: down,
    servicesDegraded: hit.length - down,
    othersAffected: affectedCount - hit.length,
  };
}

function worseFirst(a: Loss, b: Loss): number {
  return (
    b.servicesDown - a.servicesDown ||
    b.servicesDegraded - a.servicesDegraded ||
    b.othersAffected - a.othersAffected ||
    (a.key < b.key ? -1 : 1)
  );
}

/** As many of each list as fit, the first of each first. */
function evenly<T>(lists: readonly (readonly T[])[], most: number): T[] {
  const taken: T[] = [];
  for (let place = 0; taken.length < most && lists.some((list) => place < list.length); place++) {
    for (const list of lists) if (place < list.length && taken.length < most) taken.push(list[place]!);
  }
  return taken;
}
