import type { Layer, Override } from './calendar.ts';
import { inForce, turnAt } from './turns.ts';

/** A stretch of time in which one person is on call, or nobody is. */
export interface Shift {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: nobody is on call. */
  readonly personId: string | null;
  /** By what: a layer's name, or an override's id; null where nobody is on call. */
  readonly by: { readonly layer: string } | { readonly override: string } | null;
  /** People who would be on call and are no longer in the CMDB. */
  readonly missing: readonly string[];
}

export interface Rota {
  readonly layers: readonly Layer[];
  readonly overrides: readonly Override[];
  /** Whether a person is there to be on call; whoever is not is passed over, and named as missing. */
  readonly isThere: (personId: string) => boolean;
}

/** More stretches than this are not looked at for one answer. */
const MOST_STRETCHES = 2_000;
/** Longer than this a stretch without any change is not followed. */
const HORIZON_MS = 400 * 86_400_000;

/**
 * Who is on call at a time, until that may change. The override that was entered last counts first, then the first layer
 * that is in force and whose turn's member is there.
 */
export function onCallAt({ layers, overrides, isThere }: Rota, atMs: number): Shift {
  const missing: string[] = [];
  let toMs = atMs + HORIZON_MS;
  const until = (ms: number) => {
    if (ms > atMs && ms < toMs) toMs = ms;
  };
  for (const { from, to } of overrides) {
    until(from.getTime());
    until(to.getTime());
  }
  const standing = overrides.filter(({ from, to }) => from.getTime() <= atMs && atMs < to.getTime());
  for (const { id, personId } of standing.toReversed()) {
    if (isThere(personId)) return { fromMs: atMs, toMs, personId, by: { override: id }, missing };
    missing.push(personId);
  }
  for (const layer of layers) {
    const force = inForce(layer, atMs);
    until(force.untilMs);
    if (!force.inForce) continue;
    const { memberId, untilMs } = turnAt(layer, atMs);
    until(untilMs);
    if (memberId === null) continue;
    if (isThere(memberId)) return { fromMs: atMs, toMs, personId: memberId, by: { layer: layer.name }, missing };
    missing.push(memberId);
  }
  return { fromMs: atMs, toMs, personId: null, by: null, missing };
}

/**
 * The shifts from a time on, gaps among them, until there are enough or `untilMs` is reached. What does not change with a
 * turn is one shift.
 *
 * @param count most shifts, gaps included
 */
export function shiftsFrom(rota: Rota, fromMs: number, count: number, untilMs = fromMs + HORIZON_MS): Shift[] {
  const shifts: Shift[] = [];
  let atMs = fromMs;
  for (let step = 0; step < MOST_STRETCHES && atMs < untilMs; step += 1) {
    const next = onCallAt(rota, atMs);
    const last = shifts.at(-1);
    if (last && same(last, next)) shifts[shifts.length - 1] = { ...last, toMs: next.toMs };
    else if (shifts.length === count) return shifts;
    else shifts.push(next);
    atMs = next.toMs;
  }
  return shifts;
}

function same(a: Shift, b: Shift): boolean {
  return a.personId === b.personId && JSON.stringify([a.by, a.missing]) === JSON.stringify([b.by, b.missing]);
}
