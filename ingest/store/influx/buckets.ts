import type { InfluxConnection } from './connection.ts';

/** `raw` as it came; `1m` and `1h` hold minimum, maximum, sum and count of each minute and hour. */
export const RESOLUTIONS = ['raw', '1m', '1h'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface BucketSettings {
  /** Begins the names of all our buckets. */
  prefix: string;
  /** How long InfluxDB itself keeps each resolution, in days; a backstop for raw data, the rule for the others. */
  keepDays: Readonly<Record<Resolution, number>>;
}

interface Bucket {
  id: string;
  name: string;
  retentionRules: { type: string; everySeconds: number; shardGroupDurationSeconds?: number }[];
}

const PAGE = 100;
const SECONDS_A_DAY = 86_400;

/**
 * One bucket per tenant and resolution. A query names one bucket, so that nothing it filters by, or forgets to filter
 * by, can reach another tenant's data.
 */
export class Buckets {
  readonly #connection: InfluxConnection;
  readonly #settings: BucketSettings;
  readonly #known = new Set<string>();
  #orgId: string | null = null;

  constructor(connection: InfluxConnection, settings: BucketSettings) {
    this.#connection = connection;
    this.#settings = settings;
  }

  nameOf(tenantId: string, resolution: Resolution): string {
    return `${this.#settings.prefix}-${tenantId}-${resolution}`;
  }

  /** Makes a tenant's buckets if they are not there; remembers them, so that it costs nothing afterwards. */
  async ensure(tenantId: string): Promise<void> {
    if (this.#known.has(tenantId)) return;
    for (const resolution of RESOLUTIONS) await this.#ensureOne(this.nameOf(tenantId, resolution), resolution);
    this.#known.add(tenantId);
  }

  /** Forgets what it remembers, after InfluxDB did not know a bucket. */
  forget(): void {
    this.#known.clear();
    this.#orgId = null;
  }

  /** Ids of the tenants that have buckets here. */
  async tenants(): Promise<string[]> {
    const [start, end] = [`${this.#settings.prefix}-`, '-raw'];
    return (await this.#all())
      .filter(({ name }) => name.startsWith(start) && name.endsWith(end))
      .map(({ name }) => name.slice(start.length, -end.length));
  }

  /** Sets right what somebody changed: buckets that are gone, retention that differs. */
  async keepTrue(): Promise<void> {
    const tenants = await this.tenants();
    this.#known.clear();
    for (const tenantId of tenants) await this.ensure(tenantId);
  }

  async #ensureOne(name: string, resolution: Resolution): Promise<void> {
    const everySeconds = this.#settings.keepDays[resolution] * SECONDS_A_DAY;
    // Said each time: a retention shorter than the shards it had before would be refused.
    const retentionRules = [{ type: 'expire', everySeconds, shardGroupDurationSeconds: shardSeconds(everySeconds) }];
    const found = await this.#find(name);
    if (!found) {
      await this.#connection.call('POST', '/api/v2/buckets', {
        orgID: await this.#organisation(),
        name,
        description: 'Made and kept by Faultline; changes to its retention are undone.',
        retentionRules,
      });
    } else if (found.retentionRules[0]?.everySeconds !== everySeconds) {
      await this.#connection.call('PATCH', `/api/v2/buckets/${found.id}`, { retentionRules });
    }
  }

  async #find(name: string): Promise<Bucket | undefined> {
    const query = new URLSearchParams({ org: this.#connection.org, name });
    const answer = await this.#connection.call<{ buckets: Bucket[] }>(
      'GET',
      `/api/v2/buckets?${query}`,
      undefined,
      true,
    );
    return answer?.buckets[0];
  }

  async #all(): Promise<Bucket[]> {
    const all: Bucket[] = [];
    for (let after = ''; ; ) {
      const query = new URLSearchParams({
        org: this.#connection.org,
        limit: String(PAGE),
        ...(after ? { after } : {}),
      });
      const page = await this.#connection.call<{ buckets: Bucket[] }>('GET', `/api/v2/buckets?${query}`);
      all.push(...page!.buckets);
      if (page!.buckets.length < PAGE) return all;
      after = page!.buckets.at(-1)!.id;
    }
  }

  async #organisation(): Promise<string> {
    if (this.#orgId) return this.#orgId;
    const query = new URLSearchParams({ org: this.#connection.org });
    const answer = await this.#connection.call<{ orgs: { id: string }[] }>('GET', `/api/v2/orgs?${query}`);
    this.#orgId = answer!.orgs[0]!.id;
    return this.#orgId;
  }
}

/** As long as InfluxDB itself would make them for such a retention. */
function shardSeconds(everySeconds: number): number {
  if (everySeconds < 2 * SECONDS_A_DAY) return SECONDS_A_DAY / 24;
  return everySeconds < 180 * SECONDS_A_DAY ? SECONDS_A_DAY : 7 * SECONDS_A_DAY;
}
