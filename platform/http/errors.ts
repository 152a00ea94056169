import { defineErrors } from '../errors/errors.ts';

export const httpErrors = defineErrors({
  UNAUTHENTICATED: {
    status: 401,
    message: () =>
      'Sign in first: POST /api/v1/session gives a session; or send an API token as "Authorization: Bearer …".',
  },
  FORBIDDEN: {
    status: 403,
    message: (p: { permission: string }) =>
      `This needs the permission ${p.permission}, which you or this token do not have. Ask an administrator for a role that has it.`,
  },
  CROSS_ORIGIN: {
    status: 403,
    message: () =>
      'A session cookie changes things only from pages of this very address (Origin or Sec-Fetch-Site must say so). Programs use an API token instead.',
  },
  NOT_FOUND: {
    status: 404,
    message: (p: { method: string; path: string }) =>
      `Nothing answers ${p.method} ${p.path}. The documentation at /docs lists what does.`,
  },
  VALIDATION: {
    status: 400,
    message: (p: { problems: readonly string[] }) =>
      `The request does not fit its schema. Correct: ${p.problems.join('; ')}.`,
  },
  JSON_MALFORMED: {
    status: 400,
    message: (p: { reason: string }) => `The body is not usable JSON: ${p.reason}. Correct it and send again.`,
  },
  JSON_TOO_DEEP: {
    status: 400,
    message: (p: { limit: number }) => `The JSON body is nested deeper than ${p.limit} levels. Flatten it.`,
  },
  JSON_NOT_FINITE: {
    status: 400,
    message: (p: { path: string }) => `The number at ${p.path} is too large to represent. Send a finite number.`,
  },
  BODY_TOO_LARGE: {
    status: 413,
    message: (p: { limitBytes: number }) => `The body is larger than ${p.limitBytes} bytes. Send it in smaller parts.`,
  },
  MEDIA_TYPE: {
    status: 415,
    message: (p: { given: string }) =>
      `A body of type ${p.given} is not understood here. Send application/json, uncompressed, unless /docs says otherwise.`,
  },
  RATE_LIMITED: {
    status: 429,
    message: (p: { waitSeconds: number }) => `Too many requests. Try again in ${p.waitSeconds} s.`,
  },
  REQUEST_REFUSED: {
    status: 400,
    message: (p: { reason: string }) => `The request cannot be read: ${p.reason}. Correct it and send again.`,
  },
  UNAVAILABLE: {
    status: 503,
    message: () => 'The database does not answer at the moment. Try again in a few seconds.',
  },
  INTERNAL: {
    status: 500,
    message: () =>
      'Something went wrong on our side. Tell the administrator the requestId; the log says more under it.',
  },
  PORT_IN_USE: {
    status: 500,
    message: (p: { address: string }) =>
      `Another program listens on ${p.address}. Stop it, or set HTTP_PORT to a free port (0 picks one).`,
  },
});
