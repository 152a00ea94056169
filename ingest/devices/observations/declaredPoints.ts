import type { Clock, Sql } from '../../../platform/index.ts';
import type { DeclaredPoint } from '../types/deviceType.ts';

/** A change of a type takes effect on what is stored after this. */
const FRESH_FOR_MS = 10_000;
const MAX_KNOWN = 200_000;

type Points = ReadonlyMap<string, DeclaredPoint>;

/** What the types of devices declare about their points, remembered for some seconds. */
export class DeclaredPoints {
  readonly #clock: Clock;
  readonly #known = new Map<string, { points: Points | null; untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks up what is not known of these devices, with one query at most. */
  async load(tx: Sql, devices: Iterable<{ tenantId: string; deviceId: string }>): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const wanted = new Map<string, string>();
    for (const { tenantId, deviceId } of devices)
      if ((this.#known.get(deviceId)?.untilMs ?? 0) <= nowMs) wanted.set(deviceId, tenantId);
    if (wanted.size === 0) return;
    const { rows } = await tx.query<{ id: string; points: DeclaredPoint[] }>(
      `select d.id, t.points from unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
         join device d on d.tenant_id = k.tenant_id and d.id = k.id
         join device_type t on t.tenant_id = d.tenant_id and t.id = d.type_id`,
      [[...wanted.values()], [...wanted.keys()]],
    );
    if (this.#known.size + wanted.size > MAX_KNOWN) this.#known.clear();
    for (const deviceId of wanted.keys()) this.#known.set(deviceId, { points: null, untilMs: nowMs + FRESH_FOR_MS });
    for (const { id, points } of rows) {
      const byName = new Map(points.map((point) => [point.name, point]));
      this.#known.set(id, { points: byName.size > 0 ? byName : null, untilMs: nowMs + FRESH_FOR_MS });
    }
  }

  of(deviceId: string): Points | null {
    return this.#known.get(deviceId)?.points ?? null;
  }
}
