import { defineErrors } from '../../platform/index.ts';

/** What may be wrong with a question that somebody wrote themselves. */
export const askingErrors = defineErrors({
  CMDB_QUERY_SYNTAX: {
    status: 400,
    message: (p: { problem: string; line: number; column: number }) =>
      `The query is no GraphQL: line ${p.line}, column ${p.column}: ${p.problem} Correct it and send again.`,
  },
  CMDB_QUERY_INVALID: {
    status: 400,
    message: (p: { problems: readonly string[] }) =>
      `The query does not fit the schema: ${p.problems.join(' ')} GET /api/v1/cmdb/graphql/schema shows it.`,
  },
  CMDB_QUERY_TOO_LARGE: {
    status: 400,
    message: (p: { what: string; count: number; most: number }) =>
      `The query has ${p.count} ${p.what}; ${p.most} are allowed. Ask in several queries.`,
  },
  CMDB_QUERY_TOO_DEEP: {
    status: 400,
    message: (p: { depth: number; most: number }) =>
      `The query is nested ${p.depth} fields deep; ${p.most} are allowed. Use reachable, or ask in steps.`,
  },
  CMDB_QUERY_TOO_COSTLY: {
    status: 400,
    message: (p: { cost: number; most: number }) =>
      `The query may cost ${p.cost}; ${p.most} is allowed. What is asked of each item of a list counts as often as the list's limit says: lower the limits, or ask less of each.`,
  },
  CMDB_QUERY_ARGUMENT: {
    status: 400,
    message: (p: { argument: string; problem: string }) => `The argument ${p.argument} ${p.problem}. Correct it.`,
  },
  CMDB_QUERY_SENSITIVE: {
    status: 403,
    message: (p: { type: string; attribute: string }) =>
      `${p.attribute} of ${p.type} is sensitive: filtering by it needs the permission cmdb:sensitive. Leave the condition out, or ask somebody who has it.`,
  },
  CMDB_QUERY_TIMEOUT: {
    status: 503,
    message: (p: { seconds: number }) =>
      `The query took longer than ${p.seconds} s and was ended. Ask for less at once: lower limits, fewer levels.`,
  },
  CMDB_SAVED_QUERY_UNKNOWN: {
    status: 404,
    message: (p: { query: string }) =>
      `You see no saved query with the id or name ${p.query}. GET /api/v1/cmdb/queries lists them.`,
  },
  CMDB_SAVED_QUERY_TAKEN: {
    status: 409,
    message: (p: { name: string }) =>
      `A saved query has the name ${p.name} already. Choose another, or change that one.`,
  },
  CMDB_SAVED_QUERY_FOREIGN: {
    status: 403,
    message: (p: { owner: string }) =>
      `The saved query belongs to ${p.owner}. Save one of your own, or ask them to change it.`,
  },
  CMDB_SAVED_QUERY_MANY: {
    status: 409,
    message: (p: { most: number }) => `${p.most} queries are saved already, and no more can be. Remove some first.`,
  },
  CMDB_QUERY_NO_TABLE: {
    status: 400,
    message: () =>
      'The answer is no table: as CSV a query must ask for one list. Ask for one field at the top that is or holds a list, or run it as JSON.',
  },
});
