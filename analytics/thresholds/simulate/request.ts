import { z } from 'zod';
import { scopeProblem, settingNamed, valueProblem } from '../catalogue.ts';
import { type Scope, scopeText } from '../scope.ts';
import type { ThresholdValue } from '../settingsFor.ts';

/** Absent and null mean the same: not narrowed. */
const part = (longest: number) => z.string().min(1).max(longest).nullable().default(null);

export const scopeSchema = z
  .object({
    machineClass: part(120).describe('all machines of this class'),
    machineId: z.uuid().nullable().default(null).describe('one machine'),
    pointKey: part(300).describe('one measuring point: device/point'),
    feature: part(64).describe('one feature only'),
    regime: part(64).describe(
      'one operating regime only: as a verdict of the point names it (r1), or a place for points of a machine or class: n73l3, e^7.3 rpm at 3 × 25 % load',
    ),
  })
  .describe('where it holds; nothing named: the whole tenant');

/** One value to set; null takes the value away, so that the wider scope holds again. */
export const editSchema = z.object({
  setting: z.string().min(1).max(100).describe('a name of the catalogue'),
  scope: scopeSchema.prefault({}),
  value: z.number().nullable(),
});
export type Edit = z.infer<typeof editSchema>;

export const editsSchema = z
  .array(editSchema)
  .max(20)
  .superRefine((edits, context) => {
    const seen = new Set<string>();
    for (const [i, { setting: name, scope, value }] of edits.entries()) {
      const setting = settingNamed(name);
      const key = `${name} ${scopeText(scope)}`;
      const complain = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: [i, field], message });
      if (!setting) complain('setting', `there is no setting ${name}: GET /api/v1/thresholds/catalogue lists them`);
      else {
        const misplaced = scopeProblem(setting, scope);
        if (misplaced) complain('scope', misplaced);
        const wrong = value === null ? null : valueProblem(setting, value);
        if (wrong) complain('value', wrong);
      }
      if (seen.has(key)) complain('setting', `${name} is named twice for the same scope`);
      seen.add(key);
    }
  });

const HOUR_MS = 3_600_000;

export const simulationRequest = z.object({
  edits: editsSchema.default([]).describe('what to try; none: only what holds now'),
  pointKeys: z
    .array(z.string().min(3).max(300))
    .max(2000)
    .optional()
    .describe('the points to replay; absent: all that the edits reach'),
  fromMs: z.number().min(0).optional().describe('beginning of the span, ms; absent: of the stored history'),
  toMs: z.number().min(0).optional().describe('end of the span, ms; absent: now'),
  closeAfterHours: z
    .number()
    .min(0.01)
    .max(2160)
    .default(72)
    .describe('an alarm that history does not have is taken to be looked at and closed after so long'),
  watch: z.string().max(64).optional().describe('a feature whose course and limit are wanted (one point only)'),
});
export type SimulationRequest = z.infer<typeof simulationRequest>;

export const closeAfterMsOf = (request: SimulationRequest): number => request.closeAfterHours * HOUR_MS;

/** The same text for the same edits in any order: a change is applied on a simulation of exactly its own. */
export function editsKeyOf(edits: readonly Edit[]): string {
  return edits
    .map(({ setting, scope, value }) => JSON.stringify([setting, scopeText(scope), value]))
    .sort()
    .join('\n');
}

/** The tenant's values once the edits were made. */
export function withEdits(values: readonly ThresholdValue[], edits: readonly Edit[]): ThresholdValue[] {
  const keyOf = (setting: string, scope: Scope) => `${setting} ${scopeText(scope)}`;
  const edited = new Set(edits.map(({ setting, scope }) => keyOf(setting, scope)));
  const set = edits.flatMap(({ setting, scope, value }) => (value === null ? [] : [{ ...scope, setting, value }]));
  return [...values.filter((value) => !edited.has(keyOf(value.setting, value))), ...set];
}
