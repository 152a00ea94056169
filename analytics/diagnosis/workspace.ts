import { type EnvelopePlan, envelopePlan } from '../dsp/envelope.ts';
import type { FftEngine, FftPlan } from '../dsp/fftPlan.ts';
import { type FloorPlan, floorPlan } from '../dsp/noiseFloor.ts';
import { type WelchPlan, welchPlan } from '../dsp/welch.ts';

/** Buffers and transforms for blocks of one size; belongs to one thread, and to one call at a time. */
export interface BlockWorkspace {
  readonly size: number;
  readonly forward: FftPlan;
  readonly welch: WelchPlan;
  readonly envelope: EnvelopePlan;
  readonly floor: FloorPlan;
  free(): void;
}

/** Sizes kept ready. A plant has a handful; a sender that varies its block length must not grow the memory. */
const KEPT_SIZES = 8;
const kept = new WeakMap<FftEngine, Map<number, BlockWorkspace>>();

/** The workspace of one engine and size, made on first use, the least recently used given back. */
export function workspaceFor(engine: FftEngine, size: number): BlockWorkspace {
  let bySize = kept.get(engine);
  if (bySize === undefined) {
    bySize = new Map();
    kept.set(engine, bySize);
  }
  const found = bySize.get(size) ?? createWorkspace(engine, size);
  if (bySize.size > 1 || !bySize.has(size)) {
    bySize.delete(size);
    bySize.set(size, found);
  }
  if (bySize.size > KEPT_SIZES) {
    const [oldest, workspace] = bySize.entries().next().value!;
    bySize.delete(oldest);
    workspace.free();
  }
  return found;
}

/** Welch segments: 2048 where the block has room for at least eight, else the largest power of two that fits eight. */
function segmentLength(size: number): number {
  return Math.max(128, Math.min(2048, 2 ** Math.floor(Math.log2(size / 8))));
}

function createWorkspace(engine: FftEngine, size: number): BlockWorkspace {
  const forward = engine.real(size);
  const welch = welchPlan(engine, segmentLength(size));
  const envelope = envelopePlan(engine, size);
  const floor = floorPlan(2048);
  const free = () => {
    forward.free();
    welch.free();
    envelope.free();
  };
  return { size, forward, welch, envelope, floor, free };
}
