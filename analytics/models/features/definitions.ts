import { BEARING_COMBS, BEARING_COMBS_FEATURES } from './bearingCombs.ts';
import type { NamedFeature } from './namedFeature.ts';
import { SPECTRAL_SHAPE, SPECTRAL_SHAPE_FEATURES } from './spectralShape.ts';

/** Every kind of input that the product can make for a model, by the name that contracts use. */
export const DEFINITIONS: ReadonlyMap<string, readonly NamedFeature[]> = new Map([
  [SPECTRAL_SHAPE, SPECTRAL_SHAPE_FEATURES],
  [BEARING_COMBS, BEARING_COMBS_FEATURES],
]);
