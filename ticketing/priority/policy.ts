import { z } from 'zod';

export const PRIORITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export const prioritySchema = z.enum(PRIORITIES);
export type Priority = z.infer<typeof prioritySchema>;

export const LEVELS = ['warning', 'serious'] as const;
export const levelSchema = z.enum(LEVELS);
export type Level = z.infer<typeof levelSchema>;

/** ISO 20816 evaluation zones, A best, D worst. */
export const zoneSchema = z.enum(['A', 'B', 'C', 'D']);
export type Zone = z.infer<typeof zoneSchema>;

export const GRADES = ['extensive', 'significant', 'moderate', 'minor'] as const;
export const gradeSchema = z.enum(GRADES);
export type Grade = z.infer<typeof gradeSchema>;

export const URGENCIES = ['immediate', 'high', 'medium', 'low'] as const;
export const urgencySchema = z.enum(URGENCIES);
export type Urgency = z.infer<typeof urgencySchema>;

/** One row of the impact table: the grade is reached when any of the thresholds given is. */
const impactRowSchema = z
  .object({
    grade: gradeSchema,
    /** A service of this criticality or a more critical one is hit (1 is the highest). A degraded service counts one lower. */
    criticalityAtMost: z.number().int().min(1).max(5).optional(),
    usersAtLeast: z.number().int().min(1).optional(),
    servicesAtLeast: z.number().int().min(1).optional(),
    costPerHourAtLeast: z.number().positive().optional(),
  })
  .strict();

/** One row of the urgency table: the urgency is reached when all of the conditions given hold. */
const urgencyRowSchema = z
  .object({
    urgency: urgencySchema,
    level: levelSchema.optional(),
    zones: z.array(zoneSchema).min(1).optional(),
    confidenceAtLeast: z.number().min(0).max(1).optional(),
  })
  .strict();

const matrixRowSchema = z.object({
  immediate: prioritySchema,
  high: prioritySchema,
  medium: prioritySchema,
  low: prioritySchema,
});

const dueSchema = z.object({
  responseMinutes: z.number().int().min(1).max(525_600),
  resolutionMinutes: z.number().int().min(1).max(525_600),
});

/**
 * How an order's priority follows from its impact and urgency, and how long each priority allows. The tables are read
 * from the top: the first row that holds decides; where none does, the lowest grade and urgency.
 */
export const priorityPolicySchema = z
  .object({
    impact: z.array(impactRowSchema).max(40),
    urgency: z.array(urgencyRowSchema).max(40),
    matrix: z.object({
      extensive: matrixRowSchema,
      significant: matrixRowSchema,
      moderate: matrixRowSchema,
      minor: matrixRowSchema,
    }),
    due: z.object({ P1: dueSchema, P2: dueSchema, P3: dueSchema, P4: dueSchema }),
  })
  .strict();
export type PriorityPolicy = z.infer<typeof priorityPolicySchema>;

/** What a tenant has until it writes its own. */
export const DEFAULT_PRIORITY_POLICY: PriorityPolicy = {
  impact: [
    { grade: 'extensive', criticalityAtMost: 1, usersAtLeast: 1000, costPerHourAtLeast: 50_000 },
    { grade: 'significant', criticalityAtMost: 2, usersAtLeast: 200, costPerHourAtLeast: 10_000, servicesAtLeast: 5 },
    { grade: 'moderate', criticalityAtMost: 3, usersAtLeast: 20, costPerHourAtLeast: 1_000 },
  ],
  urgency: [
    { urgency: 'immediate', level: 'serious', zones: ['D'] },
    { urgency: 'immediate', level: 'serious', confidenceAtLeast: 0.9 },
    { urgency: 'high', level: 'serious' },
    { urgency: 'high', zones: ['D'] },
    { urgency: 'medium', zones: ['C'] },
    { urgency: 'medium', confidenceAtLeast: 0.6 },
  ],
  matrix: {
    extensive: { immediate: 'P1', high: 'P1', medium: 'P2', low: 'P3' },
    significant: { immediate: 'P1', high: 'P2', medium: 'P2', low: 'P3' },
    moderate: { immediate: 'P2', high: 'P2', medium: 'P3', low: 'P4' },
    minor: { immediate: 'P2', high: 'P3', medium: 'P4', low: 'P4' },
  },
  due: {
    P1: { responseMinutes: 15, resolutionMinutes: 240 },
    P2: { responseMinutes: 60, resolutionMinutes: 480 },
    P3: { responseMinutes: 240, resolutionMinutes: 1_440 },
    P4: { responseMinutes: 1_440, resolutionMinutes: 10_080 },
  },
};
