import {
  FAST_COUNT,
  firmRise,
  follow,
  type LevelTrack,
  type Standing,
  settleFromStep,
  type TrackSettings,
} from './levelTrack.ts';

/** When a rising level is believed. Levels are natural logarithms: 0.12 is a rise by 13 %. */
export interface RiseSettings extends TrackSettings {
  /** Features that are followed, by name. */
  readonly levels: readonly string[];
  /** A rise by this much, three times in a row, speaks for itself. */
  readonly large: number;
  /** A rise that crept: the guarded values' median by this much above the lowest era of the whole life. */
  readonly crept: number;
  /** A lasting rise: the guarded values' median by at least this much, and this many times noise and wander. */
  readonly lasting: { readonly least: number; readonly spreads: number };
  /** A sharp rise counts when the machine's other points hear it, fainter than its own. */
  readonly sharp: {
    readonly least: number;
    readonly spreads: number;
    /** Pooled z of the neighbours. */
    readonly heard: number;
    /** How many times the neighbours' median rise the point's own must be. */
    readonly ownShare: number;
  };
  /** What has a short past must rise more: this much extra at the start, falling to nothing over so many. */
  readonly young: { readonly extra: number; readonly count: number };
}

export type RiseKind = 'large' | 'lasting' | 'sharp' | 'crept';

/** What is seen of one level at one moment, before its neighbours are heard. */
export interface RiseSight {
  readonly standing: Standing | null;
  /** Newest values above the past in units of their noise; null while nothing can be said. */
  readonly z: number | null;
  /** Least of the newest three above the past, ln. */
  readonly firm: number | null;
  /** Extra that is asked of a short past, ln. */
  readonly extra: number;
}

/** What was last seen of a point's levels: what its neighbours are told, and what it is judged by. */
export interface RiseMemory {
  timeMs: number;
  sights: Record<string, RiseSight>;
}

/** A rise that is believed. */
export interface Rise {
  readonly feature: string;
  readonly kind: RiseKind;
  readonly z: number;
}

/** One neighbour cannot outvote the others. */
const NEIGHBOUR_Z_LIMIT = 4;

/** Adds a value to its track and says what is seen. */
export function look(track: LevelTrack, settings: RiseSettings, timeMs: number, value: number): RiseSight {
  const standing = follow(track, settings, timeMs, value);
  return {
    standing,
    z: standing && (standing.fast / standing.noise) * Math.sqrt(FAST_COUNT),
    firm: firmRise(track),
    extra: settings.young.extra * Math.max(0, 1 - track.age / settings.young.count),
  };
}

/**
 * Whether the level has risen as a fault makes it rise.
 *
 * A fault grows, and shakes the whole machine: its neighbours hear it faintly. A step that none of them hears is a
 * matter of the sensor or its mounting, and is adopted as the new level as the level after a restart is; if it goes
 * on rising it becomes a large or a lasting rise. Without neighbours every step is judged as a rise.
 *
 * @param neighbours sights of the machine's other points at the same moment; none when they are not known
 */
export function judgeRise(
  track: LevelTrack,
  settings: RiseSettings,
  { standing, firm, extra }: RiseSight,
  neighbours: readonly RiseSight[],
): RiseKind | null {
  if (firm !== null && firm >= settings.large + extra) return 'large';
  if (!standing) return null;
  const { lasting, sharp } = settings;
  const isSharp = standing.fast >= Math.max(sharp.spreads * standing.noise, sharp.least) + extra;
  const others = neighbours.filter((other) => other.standing !== null);
  if (isSharp && others.length > 0) {
    if (echo(others) < sharp.heard) {
      settleFromStep(track);
      return null;
    }
    if (standing.fast >= sharp.ownShare * medianRise(others)) return 'sharp';
  }
  const needed = Math.max(lasting.spreads * Math.hypot(standing.noise, standing.wander), lasting.least) + extra;
  if (standing.slow !== null && standing.slow >= needed) return 'lasting';
  return standing.crept !== null && standing.crept >= settings.crept + extra ? 'crept' : null;
}

/** How clearly the others rise together: their limited z, pooled (Stouffer); standard normal when none does. */
function echo(others: readonly RiseSight[]): number {
  const limited = others.map(({ z }) => Math.max(-NEIGHBOUR_Z_LIMIT, Math.min(NEIGHBOUR_Z_LIMIT, z ?? 0)));
  return limited.reduce((sum, z) => sum + z, 0) / Math.sqrt(others.length);
}

function medianRise(others: readonly RiseSight[]): number {
  const rises = others.map(({ standing }) => standing!.fast).toSorted((a, b) => a - b);
  return rises[rises.length >> 1]!;
}
