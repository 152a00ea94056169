import { pointKeyOf } from '../store/readings.ts';

/**
 * The partition of a device's points: FNV-1a over tenant and device, so that every process agrees. The points of one
 * machine are judged one after another: what two of them hear at the same time is one fault, found by one of them.
 */
export function partitionOf(tenantId: string, device: string, partitions: number): number {
  if (tenantId !== lastTenant.id) lastTenant = { id: tenantId, hash: fnv(0x811c9dc5, `${tenantId}/`) };
  return (fnv(lastTenant.hash, device) >>> 0) % partitions;
}

/** Most calls are for the tenant of the call before: its part of the hash is kept. */
let lastTenant = { id: '', hash: 0 };

function fnv(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash;
}

/** A partition of a tenant that has something new. */
export interface FeedTarget {
  tenantId: string;
  partition: number;
}

/** Where a point's units go: its key and its partition. */
export interface Place {
  readonly pointKey: string;
  readonly partition: number;
}

/** Points whose place is remembered; beyond them it is worked out anew. */
const KNOWN_POINTS = 200_000;

/** Remembers the places of points, by the three names that every unit carries: no key has to be put together for each. */
export class Places {
  readonly #partitions: number;
  readonly #known = new Map<string, Map<string, Map<string, Place>>>();
  #points = 0;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  of(tenantId: string, device: string, point: string): Place {
    let devices = this.#known.get(tenantId);
    if (!devices) {
      devices = new Map();
      this.#known.set(tenantId, devices);
    }
    let points = devices.get(device);
    if (!points) {
      points = new Map();
      devices.set(device, points);
    }
    let place = points.get(point);
    if (!place) {
      const pointKey = pointKeyOf({ device, point });
      place = { pointKey, partition: partitionOf(tenantId, device, this.#partitions) };
      points.set(point, place);
      if (++this.#points > KNOWN_POINTS) this.#forget();
    }
    return place;
  }

  #forget(): void {
    this.#known.clear();
    this.#points = 0;
  }
}
