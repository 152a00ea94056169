import { z } from 'zod';
import { SENSOR_SIGNS } from '../sensors/signs.ts';
import { bilingual } from './bilingual.ts';
import { said } from './findings/say.ts';

export const faultName = z.enum([
  'inner',
  'outer',
  'ball',
  'cage',
  'unbalance',
  'misalignment',
  'looseness',
  'gear',
  'electrical',
  'lubrication',
  'severity',
  'deviation',
  'sensor',
]);
export const anomalyLevel = z.enum(['warning', 'serious']);
export const severityZone = z.enum(['A', 'B', 'C', 'D']);

const harmonic = z.object({ order: z.number(), hz: z.number(), snrDb: z.number() });
/** A drawn curve: x and y of the same length, thinned so that no peak is lost. */
const curve = z.object({ unit: z.string(), x: z.array(z.number()), y: z.array(z.number()) });
export type Curve = z.infer<typeof curve>;

const feature = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  /** Centre of the point's own baseline; null while it is learning. */
  centre: z.number().nullable(),
  upper: z.number().nullable(),
  z: z.number().nullable(),
  speaks: z.boolean(),
});

/** Why an anomaly is believed: everything a reliability engineer needs to agree or to object. */
export const evidenceCard = z.object({
  /** Cards of version 1, whose reasons were English sentences, are read as this one: see `storedCard.ts`. */
  version: z.literal(2),
  anomalyId: z.uuid(),
  pointKey: z.string(),
  assetName: z.string(),
  machineName: z.string().nullable(),
  fault: faultName,
  level: anomalyLevel,
  confidence: z.number().min(0).max(1),
  /** agreement: name and own past agree; geometry: frequencies alone; deviation, joint, severity: no name; sensor: bad data. */
  basis: z.enum(['agreement', 'geometry', 'deviation', 'joint', 'severity', 'sensor']),
  /** No baseline could speak yet: confidence is low on purpose. */
  coldStart: z.boolean(),
  severity: z
    .object({
      zone: severityZone,
      velocityRmsMmS: z.number(),
      part: z.string(),
      limitsMmS: z.array(z.number()).length(3),
      assumed: z.boolean(),
    })
    .nullable(),
  /** What the severity had to assume, or why there is none; null where the nameplate says all. */
  severityNote: said.nullable(),
  operating: z.object({
    speedRpm: z.number().nullable(),
    speedSource: z.enum(['measured', 'rated', 'none']),
    loadPercent: z.number().nullable(),
    samplingRateHz: z.number().nullable(),
    axis: z.string().nullable(),
    /** Blocks that the diagnosis rests on. */
    blocks: z.int(),
  }),
  harmonics: z.array(harmonic),
  sidebands: z.array(harmonic),
  features: z.array(feature),
  trend: curve.extend({
    name: z.string(),
    centre: z.number().nullable(),
    upper: z.number().nullable(),
  }),
  spectrum: curve.nullable(),
  envelope: curve.nullable(),
  rejected: z.array(z.object({ fault: faultName, reason: said })),
  /** What the data could not decide, and why; null when nothing was left open. */
  cannotTell: said.nullable(),
  /** What several values say together, each of which may be within its own limits; null where they say nothing. */
  joint: z
    .object({
      statistic: z.enum(['T2', 'Q', 'CUSUM']),
      /** As a share of its limit. */
      share: z.number(),
      /** Rows of values since it began. */
      standing: z.int(),
      /** Who has how much part in it, the greatest first. */
      contributions: z.array(
        z.object({ name: bilingual, pointKey: z.string(), share: z.number().min(0).max(1), z: z.number() }),
      ),
    })
    .nullish(),
  /** A level that has shifted and stays: since when, and from what to what; null where none has. */
  shift: z
    .object({ feature: z.string(), unit: z.string(), sinceMs: z.number(), from: z.number(), to: z.number() })
    .nullish(),
  /** What speaks against the sensor, when it is the sensor that has the fault. */
  sensor: z.object({ sign: z.enum(SENSOR_SIGNS), detail: bilingual }).nullish(),
  model: z.object({ name: z.string(), version: z.string(), sha256: z.string(), stage: z.string() }).nullable(),
  advice: bilingual,
  summary: bilingual,
  proofBlocks: z.array(z.object({ ref: z.string(), timeMs: z.number() })),
  confirmedAtMs: z.number(),
});
export type EvidenceCard = z.infer<typeof evidenceCard>;
