import { z } from 'zod';
import { faultName } from '../../events.ts';
import { anomalyLevel } from '../../evidence/card.ts';

const label = z.enum(['confirmed', 'false_alarm', 'other_cause']);
const share = z.number().min(0).max(1).nullable();

export const scoreSchema = z.object({
  alarms: z.int().describe('alarms that people would have had; firings about one thing count once'),
  alarmsPerMonth: z.number().nullable().describe('null for a span of less than a day'),
  caught: z.int().describe('confirmed faults told of'),
  missed: z.int().describe('confirmed faults not told of'),
  falseAlarms: z.int().describe('alarms labelled as false'),
  otherCauses: z.int().describe('alarms that something else explained'),
  undecided: z.int().describe('alarms about anomalies that are still open'),
  unknown: z.int().describe('alarms that history does not have: nobody knows what they were'),
  precision: share.describe('confirmed among confirmed and false'),
  precisionAtLeast: share.describe('the same if every unknown alarm were false'),
  recall: share.describe('told of among all confirmed faults, those that people found themselves included'),
});

const firing = z.object({
  pointKey: z.string(),
  atMs: z.number(),
  fault: faultName,
  basis: z.string(),
  level: anomalyLevel,
  confidence: z.number(),
  regime: z.string().nullable(),
  features: z.array(z.string()).describe('that spoke, the loudest first'),
  anomalyId: z.uuid().nullable(),
  endedMs: z.number().nullable(),
  ended: z.enum(['confirmed', 'false_alarm', 'other_cause', 'assumed']).nullable(),
});

const side = z.object({
  score: scoreSchema,
  suspicions: z.int(),
  gated: z.int(),
  joined: z.int().describe('times a point joined an anomaly that another had raised'),
  firings: z.array(firing).describe('the first of them; truncated says whether there are more'),
  truncated: z.boolean(),
});

const count = z.object({
  judged: z.int(),
  spoke: z.int().describe('observations in which it exceeded its limit'),
  episodes: z.int().describe('times that it began to'),
  maxZ: z.number().nullable(),
});

const curve = z.array(
  z.object({ atMs: z.number(), value: z.number(), upper: z.number().nullable(), speaks: z.boolean() }),
);

export const simulationResult = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  settingsVersion: z.int().describe('version of the thresholds that "current" stands for'),
  points: z.int(),
  observations: z.int(),
  observationsPerSecond: z.number().nullable().describe('how fast they were replayed, all settings tried together'),
  current: side,
  proposed: side,
  anomalies: z.array(
    z.object({
      anomalyId: z.uuid().nullable().describe('null for a fault that people found themselves'),
      order: z.string().nullable(),
      fault: faultName.nullable(),
      assetName: z.string().nullable(),
      label: label.nullable(),
      toldMs: z.number().describe('when people learnt of it'),
      currentMs: z.number().nullable().describe('when it is told of now; null: not at all'),
      proposedMs: z.number().nullable(),
      earlierByMs: z.number().nullable().describe('proposed against now; negative: later'),
    }),
  ),
  features: z.array(
    z.object({
      feature: z.string(),
      unit: z.string(),
      group: z.string().nullable(),
      current: count.nullable(),
      proposed: count.nullable(),
    }),
  ),
  series: z
    .object({ pointKey: z.string(), feature: z.string(), current: curve, proposed: curve })
    .nullable()
    .describe('the course of the watched feature with its limit, thinned'),
  reproduced: z
    .object({ compared: z.int(), equal: z.int() })
    .describe('verdicts recorded under the current version, and how many the replay gives again exactly'),
});
export type SimulationResult = z.infer<typeof simulationResult>;
