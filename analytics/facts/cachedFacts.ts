import type { Clock } from '../../platform/index.ts';
import type { MachineFacts, PlausibleRange, PointFacts } from './machineFacts.ts';

/** How long an answer may be old. Facts change when people edit the CMDB, and a maintenance window must not wait long. */
const TTL_MS = 3_000;
/** Declared ranges change when somebody edits a device's type. */
const RANGES_TTL_MS = 30_000;
const MAX_ENTRIES = 20_000;

interface Entry {
  value: Promise<PointFacts | null>;
  untilMs: number;
  graphVersion: string | null;
}

/**
 * Remembers facts for a few seconds, each under the graph version it came from: as soon as any answer shows a newer
 * graph, what was read from older ones is asked for again. A failed question is not remembered.
 */
export function cachedFacts(source: MachineFacts, clock: Clock): MachineFacts {
  const entries = new Map<string, Entry>();
  const newest = new Map<string, string>();
  const ranges = new Map<string, { value: Promise<ReadonlyMap<string, PlausibleRange>>; untilMs: number }>();

  const isFresh = (entry: Entry, tenantId: string) =>
    clock.nowMs() < entry.untilMs && (entry.graphVersion === null || entry.graphVersion === newest.get(tenantId));

  return {
    ranges: (tenantId, device) => {
      const key = `${tenantId}\n${device}`;
      const known = ranges.get(key);
      if (known && clock.nowMs() < known.untilMs) return known.value;
      const entry = { value: source.ranges(tenantId, device), untilMs: clock.nowMs() + RANGES_TTL_MS };
      ranges.delete(key);
      ranges.set(key, entry);
      if (ranges.size > MAX_ENTRIES) ranges.delete(ranges.keys().next().value!);
      entry.value.catch(() => {
        if (ranges.get(key) === entry) ranges.delete(key);
      });
      return entry.value;
    },
    facts: (tenantId, pointKey) => {
      const key = `${tenantId}\n${pointKey}`;
      const known = entries.get(key);
      if (known && isFresh(known, tenantId)) return known.value;
      const entry: Entry = {
        value: source.facts(tenantId, pointKey),
        untilMs: clock.nowMs() + TTL_MS,
        graphVersion: null,
      };
      entries.delete(key);
      entries.set(key, entry);
      if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
      entry.value.then(
        (facts) => {
          if (!facts) return;
          entry.graphVersion = facts.graphVersion;
          newest.set(tenantId, facts.graphVersion);
        },
        () => {
          if (entries.get(key) === entry) entries.delete(key);
        },
      );
      return entry.value;
    },
  };
}
