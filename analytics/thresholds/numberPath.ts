import type { DetectorSettings, FeatureSettings } from '../detectors/settings.ts';

type Leaves<T> = {
  [K in keyof T & string]: T[K] extends number
    ? K
    : T[K] extends readonly unknown[]
      ? never
      : T[K] extends object
        ? `${K}.${keyof T[K] & string}`
        : never;
}[keyof T & string];

/** A number among the detector's settings, as `deviation.needed`: a renamed setting is a type error in the catalogue. */
export type NumberPath = Leaves<DetectorSettings>;
export type FeatureKey = keyof FeatureSettings & string;

type Nested = Record<string, number | Record<string, number>>;

export function numberAt(settings: DetectorSettings, path: NumberPath): number {
  const [outer, inner] = path.split('.') as [string, string | undefined];
  const found = (settings as unknown as Nested)[outer]!;
  return inner === undefined ? (found as number) : (found as Record<string, number>)[inner]!;
}

/** The settings with one number changed; the given ones stay as they are. */
export function withNumber(settings: DetectorSettings, path: NumberPath, value: number): DetectorSettings {
  const [outer, inner] = path.split('.') as [string, string | undefined];
  if (inner === undefined) return { ...settings, [outer]: value };
  const group = (settings as unknown as Record<string, Record<string, number>>)[outer]!;
  return { ...settings, [outer]: { ...group, [inner]: value } };
}
