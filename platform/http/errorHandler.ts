import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { FaultlineError } from '../errors/errors.ts';
import { newId } from '../ids.ts';
import type { App, HttpLimits } from './application.ts';
import { httpErrors } from './errors.ts';

/** What every error looks like on the wire. */
export const errorBody = z
  .object({
    error: z.object({
      code: z.string().describe('Stable; programs branch on it'),
      message: z.string().describe('What is wrong and what to do, for a person'),
      field: z.string().optional().describe('The first field to correct'),
      detail: z.unknown().optional(),
      requestId: z.string().describe('Under which the log tells more'),
    }),
  })
  .meta({ id: 'Error' });

/** PostgreSQL or the network says: not now. Class 57 operator intervention, 53300 too many connections. */
const UNAVAILABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03', '53300']);

/** Renders everything thrown anywhere, unknown paths included, in the one form of `errorBody`. */
export function registerErrors(app: App, limits: HttpLimits): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = toFaultlineError(thrown, request, limits);
    if (error.status >= 500) request.log.error({ err: thrown, requestId: request.id }, 'request failed');
    return render(error, request, reply);
  });
  app.setNotFoundHandler((request) => {
    const [path = ''] = request.url.split('?');
    throw httpErrors.NOT_FOUND({ method: request.method, path: path.slice(0, 200) });
  });
}

function render(error: FaultlineError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  const wait = (error.detail as { retryAfterSeconds?: number } | undefined)?.retryAfterSeconds;
  if (wait !== undefined) reply.header('retry-after', wait);
  // Sent as text: a route's response schema describes its answers, not this.
  return reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(bodyOf(error, request.id));
}

function bodyOf(error: FaultlineError, requestId: string): z.infer<typeof errorBody> {
  const { code, message, field, detail } = error;
  return {
    error: { code, message, ...(field !== undefined && { field }), ...(detail !== undefined && { detail }), requestId },
  };
}

function toFaultlineError(thrown: FastifyError, request: FastifyRequest, limits: HttpLimits): FaultlineError {
  if (thrown instanceof FaultlineError) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) return validationError(thrown);
  if (UNAVAILABLE.has(thrown.code))
    return httpErrors.UNAVAILABLE({}, { cause: thrown, detail: { retryAfterSeconds: 2 } });
  const status = thrown.statusCode ?? 500;
  if (status === 413)
    return httpErrors.BODY_TOO_LARGE({ limitBytes: request.routeOptions.bodyLimit ?? limits.bodyBytes });
  if (status === 415) return httpErrors.MEDIA_TYPE({ given: request.headers['content-type'] ?? 'unknown' });
  // The framework's own refusals (an impossible URL, a wrong Content-Length) speak of the request, not of our inside.
  if (status < 500 && thrown.code?.startsWith('FST_')) return httpErrors.REQUEST_REFUSED({ reason: thrown.message });
  return httpErrors.INTERNAL({}, { cause: thrown });
}

interface ZodIssue {
  instancePath: string;
  message?: string;
}

function validationError(thrown: { validation: ZodIssue[]; validationContext?: string | undefined }): FaultlineError {
  const place = thrown.validationContext ?? 'body';
  const problems = thrown.validation.map((issue) => ({
    field: issue.instancePath.split('/').filter(Boolean).join('.') || place,
    message: issue.message ?? 'is not valid',
  }));
  const lines = problems.map((p) => `${p.field === place ? place : `${place} field ${p.field}`}: ${p.message}`);
  return httpErrors.VALIDATION({ problems: lines }, { field: problems[0]!.field, detail: { in: place, problems } });
}

/** Answers what is not even HTTP, in the same form; called before there is a request. */
export function renderClientError(this: unknown, error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const reason = STATUS_CODES[status]!;
  const body = JSON.stringify(bodyOf(httpErrors.REQUEST_REFUSED({ reason }), newId()));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
