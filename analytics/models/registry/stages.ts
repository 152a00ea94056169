import { z } from 'zod';

/** shadow: computed, shown and compared with its past, and never speaks. live: counts as evidence. retired: not run. */
export const STAGES = ['shadow', 'live', 'retired'] as const;
export const stage = z.enum(STAGES);
export type Stage = z.infer<typeof stage>;

/** What a stage holds for, the narrowest last. */
export const SCOPE_KINDS = ['all', 'class', 'machine', 'point'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

const key = z.string().min(1).max(300);
export const scope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('class'), key: key.describe('machineClass of the equipment') }),
  z.object({ kind: z.literal('machine'), key: z.uuid().describe('Id of the equipment') }),
  z.object({ kind: z.literal('point'), key: key.describe('device/point') }),
]);
export type Scope = z.infer<typeof scope>;

export function scopeKey(of: Scope): string {
  return of.kind === 'all' ? '' : of.key;
}

export function scopeOf(kind: ScopeKind, key: string): Scope {
  return kind === 'all' ? { kind } : { kind, key };
}

/** One model's stage in one scope. */
export interface Placement {
  readonly modelId: string;
  readonly kind: ScopeKind;
  readonly key: string;
  readonly stage: Stage;
}

/** A point as scopes see it. */
export interface PlacedPoint {
  readonly pointKey: string;
  readonly machineId: string | null;
  readonly machineClass: string | null;
}

const covers: Readonly<Record<ScopeKind, (point: PlacedPoint, key: string) => boolean>> = {
  all: () => true,
  class: ({ machineClass }, key) => machineClass === key,
  machine: ({ machineId }, key) => machineId === key,
  point: ({ pointKey }, key) => pointKey === key,
};

/** The stage of each model at a point: of the scopes that hold the point, the narrowest decides. */
export function stagesAt(placements: Iterable<Placement>, point: PlacedPoint): Map<string, Stage> {
  const narrowest = new Map<string, Placement>();
  for (const placement of placements) {
    if (!covers[placement.kind](point, placement.key)) continue;
    const known = narrowest.get(placement.modelId);
    if (!known || SCOPE_KINDS.indexOf(known.kind) < SCOPE_KINDS.indexOf(placement.kind)) {
      narrowest.set(placement.modelId, placement);
    }
  }
  return new Map([...narrowest].map(([modelId, placement]) => [modelId, placement.stage]));
}

/** Whether a model may go from one stage to another; null: it has no stage in this scope and none that covers it. */
export function isAllowed(from: Stage | null, to: Stage): boolean {
  if (to === 'live') return from === 'shadow';
  if (to === 'shadow') return from !== 'shadow';
  return from !== 'retired' && from !== null;
}
