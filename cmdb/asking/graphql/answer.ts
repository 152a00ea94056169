import { execute, type GraphQLError } from 'graphql';
import { FaultlineError, type Principal } from '../../../platform/index.ts';
import { readyQuery } from './limits.ts';
import { root } from './root.ts';
import { type AskingDeps, Session, TIMEOUT_MS, timeout } from './session.ts';
import type { TenantSchema } from './tenantSchema.ts';

export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>> | null;
  /** What could not be answered, each where it was asked; left out when all was. */
  readonly errors?: readonly AnswerError[];
}

export interface AnswerError {
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly field?: string; readonly detail?: unknown };
}

/**
 * Answers a query: it is read, checked and weighed first, then executed as far as it can be. A part that is refused (a CI
 * that is unknown) is null and stands among the errors, with a code of the error tables; a fault of ours fails it all.
 *
 * @throws {FaultlineError} CMDB_QUERY_…: nothing was executed, or it took too long
 */
export async function answerQuery(
  deps: AskingDeps,
  { model, schema }: TenantSchema,
  reader: Principal,
  request: GraphqlRequest,
): Promise<GraphqlAnswer> {
  const { query, variables, operationName } = request;
  const ready = readyQuery(schema, query, variables ?? {}, operationName ?? undefined);
  const session = new Session(deps, model, reader);
  const executed = execute({
    schema,
    document: ready.document,
    rootValue: root(session),
    variableValues: ready.variables,
    operationName: ready.operationName,
  });
  const { data = null, errors } = await inTime(deps, executed);
  if (errors === undefined) return { data };
  const shown = errors.map((error) => ({ ...shownError(error), place: JSON.stringify(error.path) }));
  // In an order that does not depend on what was answered first.
  shown.sort((a, b) => (a.place < b.place ? -1 : 1));
  return { data, errors: shown.map(({ place: _, ...error }) => error) };
}

async function inTime<T>({ clock }: AskingDeps, work: T | Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = clock.sleep(TIMEOUT_MS, waiting.signal).then(() => {
    throw timeout();
  });
  late.catch(() => undefined); // nobody waits for it once there is an answer
  try {
    return await Promise.race([work, late]);
  } finally {
    waiting.abort();
  }
}

function shownError({ originalError, message, path = [] }: GraphQLError): AnswerError {
  if (!(originalError instanceof FaultlineError)) throw originalError ?? new Error(message);
  const { code, field, detail } = originalError;
  if (code === 'CMDB_QUERY_TIMEOUT') throw originalError;
  return {
    message,
    path,
    extensions: { code, ...(field !== undefined && { field }), ...(detail !== undefined && { detail }) },
  };
}
