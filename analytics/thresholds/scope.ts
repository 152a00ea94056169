import type { PointKind } from '../store/pointMemory.ts';

/**
 * Where a value holds. At most one of class, machine and point is named (none: the whole tenant); a feature, a regime
 * or both narrow it further.
 */
export interface Scope {
  readonly machineClass: string | null;
  readonly machineId: string | null;
  readonly pointKey: string | null;
  readonly feature: string | null;
  readonly regime: string | null;
}

export const TENANT_WIDE: Scope = {
  machineClass: null,
  machineId: null,
  pointKey: null,
  feature: null,
  regime: null,
};

/** A measuring point, as far as scopes tell points apart. */
export interface ScopedPoint {
  readonly kind: PointKind;
  readonly pointKey: string;
  /** null for a point that the CMDB does not know: only tenant-wide values and its own hold there. */
  readonly machineId: string | null;
  readonly machineClass: string | null;
}

/** How near a scope is to a point: its own, its machine's, its class's, the tenant's. */
export type ScopeLevel = 'point' | 'machine' | 'class' | 'tenant';

const NEARNESS: Readonly<Record<ScopeLevel, number>> = { tenant: 0, class: 1, machine: 2, point: 3 };

export function levelOf(scope: Scope): ScopeLevel {
  if (scope.pointKey !== null) return 'point';
  if (scope.machineId !== null) return 'machine';
  return scope.machineClass !== null ? 'class' : 'tenant';
}

export function nearness(scope: Scope): number {
  return NEARNESS[levelOf(scope)];
}

/** Whether a value set for `scope` reaches the point at all, whatever its feature and regime. */
export function reaches(scope: Scope, point: ScopedPoint): boolean {
  if (scope.pointKey !== null) return scope.pointKey === point.pointKey;
  if (scope.machineId !== null) return scope.machineId === point.machineId;
  return scope.machineClass === null || scope.machineClass === point.machineClass;
}

/** One text per scope, for comparing and for keys. */
export function scopeText(scope: Scope): string {
  return JSON.stringify([scope.machineClass, scope.machineId, scope.pointKey, scope.feature, scope.regime]);
}
