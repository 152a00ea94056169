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
  CMDB_CI_CHANGED: {
    status: 409,
    message: (p: { key: string; expected: string; version: string }) =>
      `CI ${p.key} was last changed in version ${p.version}, not ${p.expected}: somebody was quicker. Read it again, and repeat the change.`,
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
  CMDB_TYPE_ABSTRACT: {
    status: 400,
    message: (p: { type: string; known: readonly string[] }) =>
      `The CI type ${p.type} is only there to inherit from. Use one of: ${p.known.join(', ')}.`,
  },
  CMDB_NOT_UNIQUE: {
    status: 409,
    message: (p: { key: string; attribute: string; value: string; other: string }) =>
      `CI ${p.key} cannot have the ${p.attribute} ${p.value}: ${p.other} has it, and it is unique. Correct one of them.`,
  },
  CMDB_RELATION_NOT_ALLOWED: {
    status: 400,
    message: (p: { from: string; fromType: string; type: string; to: string; toType: string }) =>
      `${p.from} (${p.fromType}) ${p.type} ${p.to} (${p.toType}): the model does not relate these types so. GET /api/v1/cmdb/model shows what it allows.`,
  },
  CMDB_MODEL_WRONG: {
    status: 400,
    message: (p: { what: string; problem: string }) => `The model cannot become so: ${p.what}: ${p.problem}.`,
  },
  CMDB_MODEL_VERSION_UNKNOWN: {
    status: 404,
    message: (p: { version: number; newest: number }) =>
      `The model has no version ${p.version}; the newest is ${p.newest}.`,
  },
  CMDB_MODEL_MOVED: {
    status: 409,
    message: (p: { expected: number; version: number }) =>
      `The model is at version ${p.version}, not ${p.expected}: somebody changed it. Read it again, and repeat the change.`,
  },
  CMDB_MODEL_IN_USE: {
    status: 409,
    message: (p: { type: string; count: number }) =>
      `${p.type} cannot be removed: ${p.count} in the graph are of that type. Change or remove them first.`,
  },
  CMDB_MODEL_VIOLATED: {
    status: 409,
    message: (p: { count: number }) =>
      `${p.count} in the graph would not fit the changed model; the detail lists them. Correct them, or send onViolation "tasks".`,
  },
  CMDB_MODEL_TASKS: {
    status: 409,
    message: (p: { count: number; most: number }) =>
      `${p.count} in the graph would not fit the changed model, more than the ${p.most} that a list of tasks holds. Change it in smaller steps.`,
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
  CMDB_CI_UNKNOWN_THEN: {
    status: 404,
    message: (p: { ci: string; version: string }) =>
      `No CI had the key or id ${p.ci} in version ${p.version} of the graph. Ask for another time, or name it by id.`,
  },
  CMDB_VERSION_UNKNOWN: {
    status: 404,
    message: (p: { wanted: string; newest: string }) =>
      `The graph has no version ${p.wanted} yet; the newest is ${p.newest}.`,
  },
  CMDB_IMPORT_MOVED: {
    status: 409,
    message: (p: { expected: string; have: string }) =>
      `Nothing was imported: the preview was made on version ${p.expected}, and the graph is at ${p.have}. Preview again.`,
  },
  CMDB_IMPORT_RUN_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no import ${p.id}. GET /api/v1/cmdb/imports lists them.`,
  },
  CMDB_IMPORT_RUN_TAKEN: {
    status: 409,
    message: (p: { id: string }) => `An import has the id ${p.id} already. Choose another runId.`,
  },
  CMDB_SOURCE_UNKNOWN: {
    status: 404,
    message: (p: { name: string }) =>
      `No import has named the source ${p.name}. GET /api/v1/cmdb/sources lists those that are known.`,
  },
  CMDB_DUPLICATE_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no task ${p.id}. GET /api/v1/cmdb/duplicates lists them.`,
  },
  CMDB_DUPLICATE_DECIDED: {
    status: 409,
    message: (p: { state: string }) => `The task is ${p.state} already; there is nothing left to decide.`,
  },
  CMDB_DUPLICATE_NOT_OF_IT: {
    status: 400,
    message: (p: { ci: string }) => `${p.ci} is neither of the task's two CIs. Name one of them.`,
  },
  CMDB_VERSION_AHEAD: {
    status: 503,
    message: (p: { wanted: string; have: string }) =>
      `The dependency graph is at version ${p.have}, and ${p.wanted} did not arrive within a second. Ask again.`,
  },
  CMDB_ALERT_LINE: {
    status: 400,
    message: (p: { line: number; problem: string }) =>
      `Line ${p.line} is no event of Zabbix: ${p.problem}. Nothing of this request was taken; docs/health.md shows what is understood.`,
  },
  CMDB_CYPHER_NO_NEO4J: {
    status: 409,
    message: () => 'No Neo4j follows the graph here. Set NEO4J_URL, or ask with GraphQL or REST.',
  },
  CMDB_CYPHER_RIGHTS: {
    status: 403,
    message: (p: { lacking: readonly string[] }) =>
      `Cypher shows everything that stands in Neo4j, so it also takes ${p.lacking.join(', ')}. Ask an administrator, or use REST.`,
  },
  CMDB_CYPHER_TENANTS: {
    status: 403,
    message: () =>
      "Cypher is offered in installations of one tenant only: a query would see every tenant's graph. Use GraphQL or REST.",
  },
  CMDB_CYPHER_REFUSED: {
    status: 400,
    message: (p: { why: string }) => `The query was not run: ${p.why}. docs/neo4j.md says what is allowed.`,
  },
  CMDB_CYPHER_WRONG: {
    status: 400,
    message: (p: { problem: string }) => `Neo4j does not understand the query: ${p.problem}`,
  },
  CMDB_CYPHER_SLOW: {
    status: 408,
    message: (p: { seconds: number }) =>
      `The query took longer than ${p.seconds} s and was ended. Narrow it, or send a larger timeoutMs (at most 30000).`,
  },
  CMDB_CYPHER_MEMORY: {
    status: 400,
    message: () => 'The query took more memory than the server gives one transaction. Narrow it, or return less.',
  },
  CMDB_CYPHER_BUSY: {
    status: 429,
    message: (p: { most: number }) => `${p.most} queries are being answered already. Ask again in a moment.`,
  },
  CMDB_CYPHER_AWAY: {
    status: 503,
    message: () => 'Neo4j does not answer. GET /api/v1/cmdb/mirror tells since when and why; REST and GraphQL go on.',
  },
  CMDB_GRAPH_SOURCE_UNREACHABLE: {
    status: 502,
    message: (p: { url: string }) =>
      `No Neo4j answers at ${p.url}. Correct the address, or see that the server runs and may be reached from here.`,
  },
  CMDB_GRAPH_SOURCE_ADDRESS: {
    status: 400,
    message: (p: { reason: string }) => `The address may not be read: ${p.reason}.`,
  },
  CMDB_GRAPH_SOURCE_PASSWORD: {
    status: 400,
    message: (p: { user: string }) => `That Neo4j refuses the user ${p.user} with this password. Correct them.`,
  },
  CMDB_GRAPH_SOURCE_PASSWORD_AGAIN: {
    status: 400,
    message: () => 'Another address, user or database takes the password again: it goes nowhere by itself.',
  },
  CMDB_GRAPH_SOURCE_DATABASE: {
    status: 400,
    message: (p: { database: string }) => `That Neo4j has no database ${p.database}. Correct the name.`,
  },
  CMDB_GRAPH_SOURCE_SLOW: {
    status: 504,
    message: (p: { seconds: number }) =>
      `That Neo4j took longer than ${p.seconds} s, and the reading was given up. Nothing was changed; try again when it is idle.`,
  },
  CMDB_GRAPH_SOURCE_LABEL: {
    status: 400,
    message: (p: { label: string; known: readonly string[] }) =>
      `Nothing was imported: no node of that Neo4j has the label ${p.label}. There are: ${p.known.join(', ')}. Correct the mapping.`,
  },
  CMDB_GRAPH_SOURCE_LARGE: {
    status: 400,
    message: (p: { what: 'nodes' | 'relations'; total: number; most: number }) =>
      `Nothing was imported: the mapping takes ${p.total} ${p.what}, and ${p.most} is the most. Map less, or import in parts by several sources.`,
  },
  CMDB_GRAPH_SOURCE_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `There is no graph source ${p.id}. GET /api/v1/cmdb/graph-sources lists them.`,
  },
  CMDB_GRAPH_SOURCE_TAKEN: {
    status: 409,
    message: (p: { name: string }) =>
      `A graph source is called ${p.name} already. Change that one, or choose another name.`,
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
  CMDB_ONCALL_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) =>
      `There is no on-call calendar ${p.id}. GET /api/v1/cmdb/on-call/calendars lists them.`,
  },
  CMDB_ONCALL_CI: {
    status: 422,
    message: (p: { key: string; type: string }) =>
      `${p.key} is a ${p.type}, and nobody is on call for one. Give the calendar to a service, or to the team that owns it.`,
  },
  CMDB_ONCALL_PERSON: {
    status: 422,
    message: (p: { person: string }) =>
      `${p.person} is no CI of type person. Name a person by id or key, or create the CI first.`,
  },
  CMDB_ONCALL_CHANGED: {
    status: 409,
    message: (p: { version: number }) =>
      `The calendar is at version ${p.version}: somebody changed it. Read it again, then write with that version.`,
  },
  CMDB_ONCALL_OVERRIDE_ORDER: {
    status: 400,
    message: () => 'The override ends before it begins. Let "to" be later than "from".',
  },
  CMDB_ONCALL_OVERRIDE_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `The calendar has no override ${p.id}. GET the calendar to see those it has.`,
  },
  CMDB_ONCALL_OVERRIDES: {
    status: 422,
    message: (p: { most: number }) =>
      `The calendar has ${p.most} overrides that are not over, and takes no more. Change its layers, or remove some.`,
  },
});
