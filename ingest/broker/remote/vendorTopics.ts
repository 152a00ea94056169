import {
  type Clock,
  type Database,
  type Logger,
  loopService,
  reasonOf,
  type Service,
} from '../../../platform/index.ts';
import { usernameOf } from '../../devices/index.ts';
import { matchTopic } from '../../mapping/topicRule.ts';
import { filterOf, type TopicInUse, topicsEver, topicsInUse } from '../../mapping/topicsInUse.ts';

/** A mapping that is changed anywhere is subscribed to within this time. */
const LOOK_EVERY_MS = 2_000;

export interface VendorTopicsDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  /** The tenant that vendors' topics on the broker belong to. */
  tenantSlug: string;
  /** The broker says with each message who published it, so a topic need not. */
  isToldPublisher: boolean;
  /** `filters` has changed. */
  changed: () => void;
}

/**
 * The topics that device types map, as filters for a broker that is not ours, and whose data they carry. There nobody signs
 * in to us, so the topic must name the device (`{device}`), and the tenant is the one that the operator said. Another
 * tenant's rules hold below its own slug, as the topic's first level, only: what one tenant maps cannot be used to listen to
 * another's machines. Where the broker tells the publisher, all rules hold, as at our own front.
 */
export class VendorTopics implements Service {
  readonly #deps: VendorTopicsDeps;
  readonly #loop: Service;
  #rules: readonly TopicInUse[] = [];
  #filters: readonly string[] = [];
  #ever: readonly string[] = [];
  #left = '';

  constructor(deps: VendorTopicsDeps) {
    this.#deps = deps;
    this.#loop = loopService(async (signal) => {
      for (;;) {
        await deps.clock.sleep(LOOK_EVERY_MS, signal);
        if (signal.aborted) return;
        await this.#tryLook();
      }
    });
  }

  /** What to subscribe to: no filter that another one contains, for each would bring a copy of its own. */
  get filters(): readonly string[] {
    return this.#filters;
  }

  /** What this session may have been subscribed to in an earlier life. */
  get ever(): readonly string[] {
    return this.#ever;
  }

  async start(): Promise<void> {
    try {
      const ever = await this.#deps.db.as('auth', topicsEver);
      this.#ever = [...new Set(ever.map(filterOf))];
    } catch (error) {
      this.#warn(error);
    }
    await this.#tryLook();
    await this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** User names of the devices that a vendor's topic may speak of; more than one only where rules read it differently. */
  publishersOf(topic: string): string[] {
    const named = this.#rules.flatMap(({ tenantSlug, rule }) => {
      const device = matchTopic(rule, topic)?.device;
      return device ? [{ tenantSlug, username: usernameOf(tenantSlug, device) }] : [];
    });
    const root = topic.slice(0, topic.indexOf('/'));
    const own = named.filter(({ tenantSlug }) => tenantSlug === root);
    return [...new Set((own.length > 0 ? own : named).map(({ username }) => username))];
  }

  async #tryLook(): Promise<void> {
    try {
      this.#adopt(await this.#deps.db.as('auth', topicsInUse));
    } catch (error) {
      this.#warn(error);
    }
  }

  #adopt(found: readonly TopicInUse[]): void {
    const { isToldPublisher, log, changed } = this.#deps;
    const refusals = found.map((topic) => (isToldPublisher ? null : this.#refusal(topic)));
    this.#rules = found.filter((_, index) => refusals[index] === null);
    const left = found.flatMap(({ tenantSlug, type, text }, index) =>
      refusals[index] === null ? [] : [`${text} (type ${type} of ${tenantSlug}): ${refusals[index]}`],
    );
    if (left.join() !== this.#left && left.length > 0)
      log.warn({ topics: left }, 'topics that device types map are not subscribed to at the MQTT broker');
    this.#left = left.join();
    const filters = withoutContained([...new Set(this.#rules.map(({ rule }) => filterOf(rule)))]);
    if (filters.join('\n') === this.#filters.join('\n')) return;
    this.#filters = filters;
    const crossing = crossingPairs(filters);
    if (crossing.length > 0)
      log.warn(
        { crossing },
        'of what matches both filters the MQTT broker sends two copies: map a time or a sequence, by which one is kept',
      );
    log.info({ filters }, 'vendors’ topics to take from the MQTT broker');
    changed();
  }

  /** Why a topic cannot be taken from there. */
  #refusal({ tenantSlug, rule, isAnothers }: TopicInUse): string | null {
    if (!rule.namesDevice)
      return 'it names no device, and nobody tells who published: write {device}, or set MQTT_PUBLISHER_PROPERTY';
    if (isAnothers) return `topics that begin with ${rule.levels[0]}/ belong to the tenant of that name`;
    if (tenantSlug === this.#deps.tenantSlug || rule.levels[0] === tenantSlug) return null;
    return `vendors’ topics there belong to ${this.#deps.tenantSlug} (MQTT_VENDOR_TENANT); those of ${tenantSlug} begin with ${tenantSlug}/`;
  }

  #warn(error: unknown): void {
    this.#deps.log.warn({ reason: reasonOf(error) }, 'cannot see which topics device types map; those known stay');
  }
}

/** Filters without those that another one contains as a whole, sorted. */
export function withoutContained(filters: readonly string[]): string[] {
  return filters.filter((one) => !filters.some((other) => other !== one && contains(other, one))).sort();
}

/** Pairs of filters with topics in common, of which neither contains the other. */
export function crossingPairs(filters: readonly string[]): string[] {
  return filters.flatMap((one, index) =>
    filters
      .slice(index + 1)
      .filter((other) => meet(one.split('/'), other.split('/')) && !contains(one, other) && !contains(other, one))
      .map((other) => `${one} and ${other}`),
  );
}

/** Whether a topic exists that both match (§4.7.1: `a/#` matches `a`, too). */
function meet(one: readonly string[], other: readonly string[]): boolean {
  for (let index = 0; ; index++) {
    const [left, right] = [one[index], other[index]];
    if (left === '#' || right === '#') return true;
    if (left === undefined || right === undefined) return left === right;
    if (left !== '+' && right !== '+' && left !== right) return false;
  }
}

/** Whether every topic of `narrow` is one of `wide` (§4.7.1). */
function contains(wide: string, narrow: string): boolean {
  const wanted = wide.split('/');
  const levels = narrow.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    const told = levels[index];
    if (told === undefined || told === '#' || (level !== '+' && level !== told)) return false;
  }
  return levels.length === wanted.length;
}
