import { Histogram, type Registry } from 'prom-client';
import type { App } from './application.ts';

/**
 * One log line and one measurement a request. Only the route's pattern is written, never the URL, a header or a body:
 * secrets travel in those. Reads that went well are told at level debug.
 */
export function registerObservation(app: App, metrics: Registry): void {
  const seconds = new Histogram({
    name: 'faultline_http_request_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [metrics],
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(unknown)';
    const { method } = request;
    seconds.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    const quiet = reply.statusCode < 400 && (method === 'GET' || method === 'HEAD');
    request.log[quiet ? 'debug' : 'info'](
      {
        requestId: request.id,
        method,
        route,
        status: reply.statusCode,
        elapsedMs: Math.round(reply.elapsedTime),
        address: request.ip,
      },
      'answered',
    );
  });
}
