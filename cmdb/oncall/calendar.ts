import { z } from 'zod';

/** A moment by a wall clock, `24:00` being the end of the day. */
const endOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time as 08:00, or 24:00');
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time as 08:00');

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'must be an IANA time zone as Asia/Shanghai or Europe/Berlin' });

const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'must be a day as 2026-03-01')
  .refine((text) => isDay(text), { error: 'is no day of the calendar' });

const hoursSchema = z
  .object({
    days: z.array(z.number().int().min(1).max(7)).min(1).max(7).describe('1 is Monday, 7 is Sunday'),
    from: timeOfDay,
    to: endOfDay.describe('At or before "from": until that time of the next day'),
  })
  .strict();

/** How long one turn is; hours are counted as they pass, days and weeks by the wall clock. */
const handOverSchema = z
  .object({
    every: z.number().int().min(1).max(366),
    unit: z.enum(['hours', 'days', 'weeks']),
    at: timeOfDay.describe('By the clock of the time zone; the first turn begins then'),
  })
  .strict();

/** People who take turns, on whom the calendar falls back when no layer before is in force. */
export const layerSchema = z
  .object({
    name: z.string().trim().min(1).max(120),
    members: z
      .array(z.string().trim().min(1).max(200))
      .min(1)
      .max(100)
      .describe('CIs of type person by id or key, in the order of their turns; answers give ids'),
    timeZone,
    startsOn: day.describe('The first turn begins on this day'),
    handOver: handOverSchema,
    hours: z
      .array(hoursSchema)
      .min(1)
      .max(14)
      .nullable()
      .default(null)
      .describe('When the layer is in force, by the week; null: always'),
  })
  .strict();
export type Layer = z.infer<typeof layerSchema>;

export const layersSchema = z.array(layerSchema).min(1).max(10);

/** Who stands in from when to when, whatever the layers say. */
export interface Override {
  readonly id: string;
  readonly personId: string;
  readonly from: Date;
  readonly to: Date;
  readonly reason: string | null;
}

/** Who is on call for a CI: layers, the first in force counting, and overrides before all of them. */
export interface Calendar {
  readonly id: string;
  readonly ciId: string;
  readonly name: string;
  readonly layers: readonly Layer[];
  /** Grows with every change. */
  readonly version: number;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

function isTimeZone(name: string): boolean {
  // An offset would be taken too, and knows no daylight saving.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}
