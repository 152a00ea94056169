import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { type BearingOrders, bearingOrders } from '../machines/index.ts';
import { RecordingError, type WaveformRecord } from './record.ts';

const positive = z.number().positive();
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** Only what is needed to replay; labels and everything else that a sidecar may hold is not read. */
const sidecarSchema = z.object({
  fs_hz: positive.max(1e7),
  /** 0 is a machine that stands still. */
  rpm: optional(z.number().min(0)),
  shaft_hz: optional(z.number().min(0)),
  unit: optional(z.string()),
  geometry: optional(
    z.object({
      n: optional(z.number().int().min(3).max(100)),
      d_in: optional(positive),
      D_in: optional(positive),
      d_mm: optional(positive),
      D_mm: optional(positive),
      contact_deg: optional(z.number().min(0).lt(90)),
      BPFO: optional(positive),
      BPFI: optional(positive),
      FTF: optional(positive),
      BSF: optional(positive),
    }),
  ),
  freqs_hz: optional(z.object({ BPFO: positive, BPFI: positive, FTF: optional(positive), BSF: optional(positive) })),
  samples_per_acq: optional(z.number().int().positive()),
  acq_period_s: optional(positive),
  raw: optional(z.object({ file: optional(z.string()), acq_indices: z.array(z.number().int().min(0)).min(1) })),
});

type SidecarJson = z.infer<typeof sidecarSchema>;

/** What a sidecar says of its recording. */
export interface Sidecar {
  samplingRateHz: number;
  unit: WaveformRecord['unit'];
  speedRpm?: number;
  orders?: BearingOrders;
  /** Set when the samples are separate acquisitions taken at intervals. */
  acquisitions?: { indices: readonly number[]; samplesEach: number | undefined; periodSeconds: number };
  /** Name of the samples' file, for layouts in which it is not the sidecar's own. */
  rawFile?: string;
}

/** @throws {RecordingError} that names the file, the key and what is wrong with it */
export async function readSidecar(path: string): Promise<Sidecar> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new RecordingError(`${basename(path)} is no JSON: ${(error as Error).message}`);
  }
  const parsed = sidecarSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new RecordingError(`${basename(path)}: ${issue.path.join('.') || 'the document'}: ${issue.message}`);
  }
  const sidecar = parsed.data;
  const shaftHz = shaftHzOf(sidecar);
  const orders = ordersOf(sidecar, shaftHz);
  const { raw } = sidecar;
  return {
    samplingRateHz: sidecar.fs_hz,
    unit: unitOf(sidecar.unit, path),
    ...(shaftHz === undefined ? {} : { speedRpm: shaftHz * 60 }),
    ...(orders === undefined ? {} : { orders }),
    ...(raw
      ? {
          acquisitions: {
            indices: raw.acq_indices,
            samplesEach: sidecar.samples_per_acq,
            periodSeconds: sidecar.acq_period_s ?? 10,
          },
        }
      : {}),
    ...(raw?.file === undefined ? {} : { rawFile: raw.file }),
  };
}

function unitOf(unit: string | undefined, path: string): WaveformRecord['unit'] {
  const plain = (unit ?? 'g').toLowerCase().replace('²', '2').replace('^', '').replace(' ', '');
  if (plain === 'g' || plain === 'm/s2' || plain === 'mm/s') return plain;
  throw new RecordingError(`${basename(path)}: unit ${JSON.stringify(unit)} is not known; use g, m/s2 or mm/s`);
}

/**
 * Shaft speed as stated or, where only fault frequencies are, from them: BPFO + BPFI = n · shaft, and FTF is BPFO / n
 * (or, stated for a turning outer ring, BPFI / n), which gives n where that quotient is a whole number.
 */
function shaftHzOf({ rpm, shaft_hz, freqs_hz }: SidecarJson): number | undefined {
  if (shaft_hz !== undefined) return shaft_hz;
  if (rpm !== undefined) return rpm / 60;
  if (!freqs_hz?.FTF) return undefined;
  for (const passing of [freqs_hz.BPFO, freqs_hz.BPFI]) {
    const elements = passing / freqs_hz.FTF;
    if (elements > 2.5 && Math.abs(elements - Math.round(elements)) < 0.02) {
      return (freqs_hz.BPFO + freqs_hz.BPFI) / Math.round(elements);
    }
  }
  return undefined;
}

function ordersOf({ geometry, freqs_hz }: SidecarJson, shaftHz: number | undefined): BearingOrders | undefined {
  if (geometry) {
    const ballDiameter = geometry.d_in ?? geometry.d_mm;
    const pitchDiameter = geometry.D_in ?? geometry.D_mm;
    if (geometry.n !== undefined && ballDiameter !== undefined && pitchDiameter !== undefined) {
      return bearingOrders({ n: geometry.n, ballDiameter, pitchDiameter, contactDeg: geometry.contact_deg ?? 0 });
    }
    return completeOrders(geometry, 1);
  }
  return freqs_hz && shaftHz ? completeOrders(freqs_hz, shaftHz) : undefined;
}

interface Stated {
  BPFO?: number | undefined;
  BPFI?: number | undefined;
  FTF?: number | undefined;
  BSF?: number | undefined;
}

/** Orders from stated values; what is missing follows from BPFO and BPFI, whose sum is the number of elements. */
function completeOrders({ BPFO, BPFI, FTF, BSF }: Stated, shaftHz: number): BearingOrders | undefined {
  if (BPFO === undefined || BPFI === undefined) return undefined;
  const bpfo = BPFO / shaftHz;
  const bpfi = BPFI / shaftHz;
  const elements = bpfo + bpfi;
  const gamma = (bpfi - bpfo) / elements;
  const stated = FTF === undefined ? bpfo / elements : FTF / shaftHz;
  // Above one half, the cage's rate is stated for a turning outer ring (MFPT's is): the ring here stands still.
  const ftf = stated > 0.5 ? 1 - stated : stated;
  return { bpfo, bpfi, ftf, bsf: BSF === undefined ? (1 - gamma * gamma) / (2 * gamma) : BSF / shaftHz };
}
