import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type BearingOrders, bearingOrdersOf, type SampleUnit } from '../../diagnosis/index.ts';

/** What a recording was said to be; read for scoring only. */
export type Label = 'inner' | 'outer' | 'ball' | 'cage' | 'normal';

/** A recording as its sidecar tells of it. */
export interface Recording {
  /** Path of the samples: float32, little endian. */
  readonly path: string;
  readonly samplingRateHz: number;
  readonly unit: SampleUnit;
  /** Absent where the sidecar tells none, or none that can be one. */
  readonly speedRpm?: number | undefined;
  readonly orders?: BearingOrders | undefined;
  /** For scoring: what is wrong, in which bearing, and on which bearing the sensor sat. */
  readonly label: Label | null;
  readonly faultedBearing: string | null;
  readonly channel: string | null;
  /** For splits between training and test: the fault's size; 0 for a healthy bearing. */
  readonly faultSizeMil: number | null;
}

const absent = <T extends z.ZodType>(schema: T) => schema.nullish().catch(undefined);
const positive = absent(z.number().positive());
const name = absent(z.string());

/** Whatever an optional field holds that it should not, the recording goes without it. */
const sidecarSchema = z.object({
  file: name,
  dtype: name,
  fs_hz: z.number().positive(),
  rpm: positive,
  shaft_hz: positive,
  unit: name,
  label: name,
  channel: name,
  faulted_bearing: name,
  fault_diameter_mil: absent(z.number().min(0)),
  geometry: absent(
    z.object({
      n: positive,
      d_in: positive,
      D_in: positive,
      d_mm: positive,
      D_mm: positive,
      contact_deg: absent(z.number()),
      BPFO: positive,
      BPFI: positive,
      FTF: positive,
      BSF: positive,
    }),
  ),
  freqs_hz: absent(z.object({ BPFO: positive, BPFI: positive, FTF: positive, BSF: positive })),
});
type Sidecar = z.infer<typeof sidecarSchema>;

const LABELS: Readonly<Record<string, Label>> = {
  ...{ inner: 'inner', ir: 'inner', outer: 'outer', or: 'outer', ball: 'ball', b: 'ball', cage: 'cage' },
  ...{ normal: 'normal', healthy: 'normal', baseline: 'normal', none: 'normal' },
};
const UNITS: Readonly<Record<string, SampleUnit>> = { g: 'g', 'm/s2': 'm/s2', 'mm/s': 'mm/s' };

/**
 * Reads a sidecar.
 *
 * @param folder   of the sidecar and its samples
 * @param fileName of the sidecar; its samples bear the same name unless it tells another
 * @throws {Error} that says what is missing or wrong, in words for the table
 */
export function readSidecar(folder: string, fileName: string): Recording {
  const parsed = sidecarSchema.safeParse(JSON.parse(readFileSync(`${folder}/${fileName}`, 'utf8')));
  if (!parsed.success) throw new Error('the sidecar gives no sampling rate (fs_hz, Hz)');
  const sidecar = parsed.data;
  if (sidecar.dtype && !/^(float32|f4|<f4)(-?le)?$/i.test(sidecar.dtype)) {
    throw new Error(`samples of ${sidecar.dtype}; only little-endian float32 is read`);
  }
  const plainUnit = (sidecar.unit ?? 'g').toLowerCase().replace('²', '2').replaceAll(/[\s^]/g, '');
  const unit = UNITS[plainUnit];
  if (unit === undefined) throw new Error(`unit ${sidecar.unit} is not known (g, m/s2, mm/s)`);
  const label = LABELS[sidecar.label?.toLowerCase() ?? ''] ?? null;
  return {
    path: `${folder}/${sidecar.file ?? fileName.replace(/\.json$/, '.f32')}`,
    samplingRateHz: sidecar.fs_hz,
    unit,
    speedRpm: speedOf(sidecar),
    orders: ordersOf(sidecar),
    label,
    faultedBearing: sidecar.faulted_bearing ?? null,
    channel: sidecar.channel ?? null,
    faultSizeMil: sidecar.fault_diameter_mil ?? null,
  };
}

function speedOf({ rpm, shaft_hz }: Sidecar): number | undefined {
  return rpm ?? (shaft_hz ? 60 * shaft_hz : undefined);
}

/** Orders from dimensions, from orders as stated, or from frequencies at a stated speed; the first that is there. */
function ordersOf(sidecar: Sidecar): BearingOrders | undefined {
  const { geometry } = sidecar;
  const ballDiameter = geometry?.d_in ?? geometry?.d_mm;
  const pitchDiameter = geometry?.D_in ?? geometry?.D_mm;
  if (geometry?.n && ballDiameter && pitchDiameter) {
    return bearingOrdersOf({ n: geometry.n, ballDiameter, pitchDiameter, contactDeg: geometry.contact_deg ?? 0 });
  }
  if (geometry) return completeOrders(geometry, 1);
  const speedRpm = speedOf(sidecar);
  return sidecar.freqs_hz && speedRpm ? completeOrders(sidecar.freqs_hz, 60 / speedRpm) : undefined;
}

type Stated = Partial<Record<'BPFO' | 'BPFI' | 'FTF' | 'BSF', number | null | undefined>>;

/**
 * What is not stated follows from BPFO and BPFI: their sum is the number of elements, their difference over it is
 * (d/D)·cos φ. A cage that turns at more than half of the shaft's rate is stated for a turning outer ring.
 */
function completeOrders({ BPFO, BPFI, FTF, BSF }: Stated, scale: number): BearingOrders | undefined {
  if (!BPFO || !BPFI) return undefined;
  const [bpfo, bpfi] = [scale * BPFO, scale * BPFI];
  const gamma = (bpfi - bpfo) / (bpfi + bpfo);
  const cage = FTF ? scale * FTF : (1 - gamma) / 2;
  return {
    bpfo,
    bpfi,
    ftf: cage > 0.5 ? 1 - cage : cage,
    bsf: BSF ? scale * BSF : (1 - gamma * gamma) / (2 * gamma),
  };
}
