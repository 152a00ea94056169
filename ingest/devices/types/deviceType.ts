import { z } from 'zod';

const text = (longest: number) => z.string().trim().min(1).max(longest);

export const TYPE_KEY = /^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,62}$/u;
const MAX_POINTS = 1_000;

/** One point that devices of a type have: its unit, and the range in which a value is plausible. */
export const declaredPoint = z
  .strictObject({
    name: text(128),
    unit: text(32).optional().describe('Filled in where a sample has none; another unit is a problem of the device'),
    min: z.number().optional().describe('Values below are kept and counted as out of range'),
    max: z.number().optional().describe('Values above are kept and counted as out of range'),
    description: z.string().max(500).optional(),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
    path: ['max'],
    error: 'max must not be below min',
  });
export type DeclaredPoint = z.output<typeof declaredPoint>;

/** What people say about a type. */
export const deviceTypeDraft = z
  .strictObject({
    key: z.string().regex(TYPE_KEY, 'letters and digits, then also . _ : - ; at most 63 characters'),
    name: text(200),
    vendor: text(200).optional(),
    model: text(200).optional(),
    telemetryFormat: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'the name of a payload format, such as json or senml-json')
      .optional()
      .describe('Format of …/telemetry without a format level; JSON when absent'),
    mappingVersionId: z.uuid().optional().describe('Version of a payload mapping, instead of a format'),
    expectedIntervalMs: z.number().int().positive().max(2_147_483_647).optional(),
    points: z.array(declaredPoint).max(MAX_POINTS).default([]),
  })
  .refine(({ telemetryFormat, mappingVersionId }) => telemetryFormat === undefined || mappingVersionId === undefined, {
    path: ['mappingVersionId'],
    error: 'name either a format or a mapping version',
  })
  .refine(({ points }) => new Set(points.map(({ name }) => name)).size === points.length, {
    path: ['points'],
    error: 'each point is declared once',
  });
export type DeviceTypeDraft = z.output<typeof deviceTypeDraft>;

/** A kind of device: what its devices send, in which form, and which values are plausible. */
export interface DeviceType extends DeviceTypeDraft {
  id: string;
  /** Grows with every change. */
  version: number;
  devices: number;
  createdAt: Date;
  updatedAt: Date;
}
