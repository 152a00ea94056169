import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Clock } from '../clock/clock.ts';
import { reasonOf } from '../errors/errors.ts';
import type { Logger } from '../log/log.ts';
import type { App } from './application.ts';

/** Whether this process can do its work; each part adds what it depends on. */
export interface Readiness {
  /** `check` resolves when the part works; what it rejects with is logged, not told to the caller. */
  add(name: string, check: () => Promise<unknown>): void;
  /** Runs all checks at once, none longer than two seconds. */
  check(): Promise<Record<string, 'ok' | 'failing'>>;
}

const LONGEST_CHECK_MS = 2_000;

export function createReadiness(deps: { clock: Clock; log: Logger }): Readiness {
  const checks = new Map<string, () => Promise<unknown>>();
  const run = async (name: string, check: () => Promise<unknown>): Promise<[string, 'ok' | 'failing']> => {
    const late = Promise.withResolvers<never>();
    const timer = deps.clock.setTimer(LONGEST_CHECK_MS, () => late.reject(new Error('no answer in time')));
    try {
      await Promise.race([check(), late.promise]);
      return [name, 'ok'];
    } catch (error) {
      deps.log.warn({ check: name, reason: reasonOf(error) }, 'not ready');
      return [name, 'failing'];
    } finally {
      timer.cancel();
    }
  };
  return {
    add: (name, check) => {
      if (checks.has(name)) throw new Error(`the readiness check ${name} exists already`);
      checks.set(name, check);
    },
    check: async () => Object.fromEntries(await Promise.all([...checks].map(([name, check]) => run(name, check)))),
  };
}

/** For whoever watches the process: is it alive, can it work, how is it doing. */
export function probeRoutes(deps: { readiness: Readiness; metrics: Registry }): (app: App) => void {
  const readinessBody = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.enum(['ok', 'failing'])) });
  return (app) => {
    app.route({
      method: 'GET',
      url: '/health',
      config: { public: true },
      schema: { tags: ['system'], summary: 'Alive?', response: { 200: z.object({ status: z.literal('ok') }) } },
      handler: async () => ({ status: 'ok' as const }),
    });
    app.route({
      method: 'GET',
      url: '/ready',
      config: { public: true },
      schema: {
        tags: ['system'],
        summary: 'Able to work?',
        description: '503 while something that this process depends on does not answer.',
        response: { 200: readinessBody, 503: readinessBody },
      },
      handler: async (_request, reply) => {
        const checks = await deps.readiness.check();
        const ready = Object.values(checks).every((state) => state === 'ok');
        return reply.code(ready ? 200 : 503).send({ ready, checks });
      },
    });
    app.route({
      method: 'GET',
      url: '/metrics',
      config: { permission: 'metrics:read' },
      schema: {
        tags: ['system'],
        summary: 'Measurements for Prometheus',
        description: 'Prometheus sends an API token: `authorization: { credentials: … }` in its scrape configuration.',
        response: { 200: z.string() },
      },
      handler: async (_request, reply) => reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
    });
  };
}
