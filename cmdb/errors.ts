import { defineErrors } from '../platform/index.ts';

export const cmdbErrors = defineErrors({
  CMDB_CI_UNKNOWN: {
    status: 404,
    message: (p: { ci: string }) =>
      `No CI has the key or id ${p.ci}. List them with GET /api/v1/cmdb/cis, or create it.`,
  },
  CMDB_KEY_TAKEN: {
    status: 409,
    message: (p: { key: string }) =>
      `A CI with the key ${p.key} exists already. Change that one, or choose another key.`,
  },
  CMDB_KEY_REPEATED: {
    status: 400,
    message: (p: { key: string }) => `${p.key} is told twice in one change. Leave one of them.`,
  },
  CMDB_TYPE_UNKNOWN: {
    status: 400,
    message: (p: { type: string; known: readonly string[] }) =>
      `There is no CI type ${p.type}. Use one of: ${p.known.join(', ')}.`,
  },
  CMDB_ATTRIBUTE: {
    status: 400,
    message: (p: { key: string; type: string; problem: string }) =>
      `CI ${p.key} does not fit its type ${p.type}: ${p.problem}. Correct the attribute.`,
  },
  CMDB_RELATION_TYPE_UNKNOWN: {
    status: 400,
    message: (p: { type: string; known: readonly string[] }) =>
      `There is no relation type ${p.type}. Use one of: ${p.known.join(', ')}.`,
  },
  CMDB_RELATION_END_UNKNOWN: {
    status: 400,
    message: (p: { end: 'from' | 'to'; key: string }) =>
      `The relation's ${p.end} names ${p.key}, and no CI has that key. Correct it, or create the CI first.`,
  },
  CMDB_RELATION_TO_ITSELF: {
    status: 400,
    message: (p: { key: string }) => `The CI ${p.key} is related to itself. Name another CI at one end.`,
  },
  CMDB_CONFIDENCE: {
    status: 400,
    message: (p: { relation: string }) =>
      `The confidence of ${p.relation} is not between 0 and 1. Write 1 for what is certain.`,
  },
  CMDB_RELATION_UNKNOWN: {
    status: 404,
    message: (p: { from: string; type: string; to: string }) =>
      `There is no relation ${p.from} ${p.type} ${p.to}. GET /api/v1/cmdb/cis/{id} shows a CI's relations.`,
  },
  CMDB_IMPORT_LINE: {
    status: 400,
    message: (p: { file: string; line: number; field: string; problem: string }) =>
      `Nothing was imported: ${p.file}, line ${p.line}, ${p.field}: ${p.problem}`,
  },
  CMDB_IMPORT_EMPTY: {
    status: 400,
    message: () => 'There is nothing to import. Send nodes and edges as CSV texts, or cis and relations as lists.',
  },
  CMDB_VERSION_AHEAD: {
    status: 503,
    message: (p: { wanted: string; have: string }) =>
      `The dependency graph is at version ${p.have}, and ${p.wanted} did not arrive within a second. Ask again.`,
  },
  CMDB_WINDOW_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) =>
      `There is no maintenance window ${p.id}. GET /api/v1/cmdb/maintenance-windows lists them.`,
  },
  CMDB_WINDOW_ORDER: {
    status: 400,
    message: () => 'A maintenance window must end after it begins. Exchange from and to.',
  },
});
