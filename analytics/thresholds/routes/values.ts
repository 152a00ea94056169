import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import { spanOf } from '../../history/store.ts';
import { listPoints, readPoint } from '../../store/pointMemory.ts';
import { CATALOGUE, ZONE_SETTINGS } from '../catalogue.ts';
import type { ThresholdDeps } from '../deps.ts';
import { type NumberPath, numberAt } from '../numberPath.ts';
import { levelOf, nearness } from '../scope.ts';
import { narrowness, nearestFirst } from '../settingsFor.ts';
import { type HeldValue, listValues } from '../store/values.ts';
import { effectiveSchema, heldValueSchema, settingSchema, tags } from './shapes.ts';

const toHeld = ({ setting: _, value, changeId, author, reason, appliedBy, appliedAt, ...scope }: HeldValue) => ({
  ...{ scope, value, changeId, author, reason, appliedBy, appliedAt },
});

/** What may be tuned, what is set, and what holds at a point and why. */
export function valueRoutes(deps: ThresholdDeps) {
  const { db, facts } = deps;
  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/catalogue',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Everything that may be tuned, with its meaning, range and default',
        response: { 200: z.object({ items: z.array(settingSchema) }) },
      },
      handler: async () => ({ items: [...CATALOGUE] }),
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Everything that is set in the tenant, with author and reason',
        response: { 200: z.object({ items: z.array(heldValueSchema) }) },
      },
      handler: async ({ principal }) => {
        const values = await db.tenant(principal.tenantId, listValues);
        return { items: values.map((value) => ({ setting: value.setting, ...toHeld(value) })) };
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/points',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Points that are analysed, by key',
        querystring: pageQuery.extend({ search: z.string().max(100).optional().describe('part of the key') }),
        response: { 200: pageOf(z.object({ pointKey: z.string(), kind: z.enum(['waveform', 'reading']) })) },
      },
      handler: async ({ principal, query: { search, cursor, limit } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listPoints(tx, { search, after: cursor, limit }));
        return toPage(rows, limit, (last) => last.pointKey);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/points/:device/:point/thresholds',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'What holds at a point, and where each value comes from',
        params: z.object({ device: z.string().max(128), point: z.string().max(128) }),
        response: { 200: effectiveSchema },
      },
      handler: async ({ principal, params }) => {
        const pointKey = `${params.device}/${params.point}`;
        const found = await facts.facts(principal.tenantId, pointKey);
        return db.tenant(principal.tenantId, async (tx) => {
          const memory = await readPoint(tx, pointKey);
          if (!memory) throw analyticsErrors.ANALYTICS_POINT_UNKNOWN({ pointKey });
          const { kind, detector, verdict } = memory;
          const machineClass = found?.machineClass ?? null;
          const point = { kind, pointKey, machineId: found?.machineId ?? null, machineClass };
          const inForce = await deps.inForce(tx);
          const near = nearestFirst(await listValues(tx), point) as HeldValue[];
          const settings = inForce.settingsFor(point);
          const span = await spanOf(tx, pointKey, 0, Number.MAX_SAFE_INTEGER);
          const features = [...new Set(detector.regimes.flatMap((regime) => Object.keys(regime.features)))];
          return {
            ...{ pointKey, kind, version: inForce.version },
            machine: found && { id: found.machineId, name: found.machineName, machineClass },
            history: span && { fromMs: span.fromMs, toMs: span.toMs, observations: span.observations },
            features: features.length > 0 ? features : (verdict?.features.map(({ name }) => name) ?? []),
            regimes: detector.regimes.map(({ key }) => key),
            settings: CATALOGUE.filter((setting) => setting.kind === kind).map(({ name, target }) => {
              const own = near.filter((value) => value.setting === name);
              const whole = own.find((value) => narrowness(value) === 0);
              const zone = (ZONE_SETTINGS as readonly string[]).indexOf(target);
              const value =
                zone >= 0 ? settings.zoneLimitsMmS[zone]! : numberAt(settings.detector, target as NumberPath);
              const narrower = own.filter((v) => narrowness(v) > 0 && (!whole || nearness(v) >= nearness(whole)));
              return {
                setting: name,
                value,
                source: whole ? levelOf(whole) : ('default' as const),
                held: whole ? toHeld(whole) : null,
                narrower: narrower.map(toHeld),
              };
            }),
          };
        });
      },
    });
  };
}
