import type { BearingGeometry } from '../machines/index.ts';

/** Rolling bearings of the plant, dimensions in mm as makers' catalogues and teardown lists give them. */
export const BEARINGS = {
  '6208': { n: 9, ballDiameter: 11.906, pitchDiameter: 60, contactDeg: 0 },
  '6309': { n: 8, ballDiameter: 17.462, pitchDiameter: 72.5, contactDeg: 0 },
  '6312': { n: 8, ballDiameter: 22.225, pitchDiameter: 95, contactDeg: 0 },
  '6316': { n: 8, ballDiameter: 28.575, pitchDiameter: 125, contactDeg: 0 },
  '6319': { n: 8, ballDiameter: 33.338, pitchDiameter: 147.5, contactDeg: 0 },
  '22218': { n: 19, ballDiameter: 18, pitchDiameter: 126, contactDeg: 11.5 },
  '22222': { n: 19, ballDiameter: 22.5, pitchDiameter: 156, contactDeg: 11.8 },
  '7312': { n: 12, ballDiameter: 22.225, pitchDiameter: 95, contactDeg: 40 },
} as const satisfies Record<string, BearingGeometry>;

export type BearingName = keyof typeof BEARINGS;
