import type { DetectorSettings, FeatureOverride, FeatureSettings } from '../detectors/settings.ts';
import { CATALOGUE, defaultsOf, type Setting, settingNamed, ZONE_SETTINGS } from './catalogue.ts';
import { type FeatureKey, type NumberPath, withNumber } from './numberPath.ts';
import { nearness, reaches, type Scope, type ScopedPoint } from './scope.ts';

/** A value that holds somewhere. */
export interface ThresholdValue extends Scope {
  readonly setting: string;
  readonly value: number;
}

export type ZoneLimits = readonly [ab: number | null, bc: number | null, cd: number | null];

/** Everything that is settable, as it holds at one point. */
export interface PointSettings {
  /** Grows with every change of the tenant's thresholds; 0 before the first. */
  readonly version: number;
  readonly detector: DetectorSettings;
  /** Limits set by people; null where the standard's hold. */
  readonly zoneLimitsMmS: ZoneLimits;
}

const NO_LIMITS: ZoneLimits = [null, null, null];
const UNTOUCHED: readonly ThresholdValue[] = [];

/**
 * What holds at a point: for each setting the value of the nearest scope, else the default. Nearness is decided by
 * place first (point, machine, class, tenant) and by feature and regime within one place, so that what somebody set for
 * this very point is never overruled by something said of a feature of all pumps.
 */
export function settingsFor(values: readonly ThresholdValue[], point: ScopedPoint, version: number): PointSettings {
  const near = nearestFirst(values, point);
  let detector = defaultsOf(point.kind);
  if (near.length === 0) return { version, detector, zoneLimitsMmS: NO_LIMITS };
  for (const setting of CATALOGUE) {
    if (setting.kind !== point.kind || isZone(setting)) continue;
    const found = wholePoint(near, setting.name);
    if (found) detector = withNumber(detector, setting.target as NumberPath, found.value);
  }
  return { version, detector: coherent({ ...detector, overrides: overridesOf(near) }), zoneLimitsMmS: limitsOf(near) };
}

/** The values that reach a point and are of its kind, the most binding first. */
export function nearestFirst(values: readonly ThresholdValue[], point: ScopedPoint): readonly ThresholdValue[] {
  if (values.length === 0) return UNTOUCHED;
  return values
    .filter((value) => reaches(value, point) && settingNamed(value.setting)?.kind === point.kind)
    .sort((a, b) => nearness(b) - nearness(a) || narrowness(b) - narrowness(a));
}

/** Among values of one place: feature and regime, then the feature, then the regime, then neither. */
export function narrowness(scope: Scope): number {
  return (scope.feature === null ? 0 : 2) + (scope.regime === null ? 0 : 1);
}

/** The value that holds for a point as a whole. */
export function wholePoint(near: readonly ThresholdValue[], setting: string): ThresholdValue | undefined {
  return near.find((value) => value.setting === setting && narrowness(value) === 0);
}

/** Values for features and regimes that nothing nearer overrules. */
export function overridesOf(near: readonly ThresholdValue[]): FeatureOverride[] {
  const held = near.filter((value) => {
    if (narrowness(value) === 0) return false;
    const whole = wholePoint(near, value.setting);
    return !whole || nearness(value) >= nearness(whole);
  });
  return held.reverse().map(({ setting, feature, regime, value }) => {
    const key = settingNamed(setting)!.target as FeatureKey;
    return { feature, regime, values: { [key]: value } satisfies Partial<FeatureSettings> };
  });
}

const isZone = ({ target }: Setting): boolean => (ZONE_SETTINGS as readonly string[]).includes(target);

function limitsOf(near: readonly ThresholdValue[]): ZoneLimits {
  const [ab, bc, cd] = ZONE_SETTINGS.map((zone) => wholePoint(near, `waveform.${zone}`)?.value ?? null);
  return [ab!, bc!, cd!];
}

/** Values of different scopes may meet that nobody set together: nothing can be present in 5 of the last 3. */
function coherent(settings: DetectorSettings): DetectorSettings {
  const within = <T extends { needed: number; of: number }>(p: T): T => ({ ...p, needed: Math.min(p.needed, p.of) });
  return {
    ...settings,
    deviation: within(settings.deviation),
    severity: within(settings.severity),
    agreed: within(settings.agreed),
    geometry: within(settings.geometry),
  };
}
