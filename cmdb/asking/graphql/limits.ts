import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  type getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  getVariableValues,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  validate,
} from 'graphql';
import { askingErrors } from '../errors.ts';

export const MOST_CHARACTERS = 20_000;
const MOST_TOKENS = 4_000;
/** Fields that a query selects, fragments counted as often as they stand. */
const MOST_FIELDS = 1_000;
export const MOST_DEPTH = 15;
export const MOST_COST = 100_000;
/** What introspection counts for: the whole schema is computed and sent. */
const INTROSPECTION_COST = 1_000;
/** Problems that one answer names. */
const MOST_PROBLEMS = 5;

/** A query that may be executed. */
export interface ReadyQuery {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly cost: number;
}

/**
 * Reads a query and refuses what is wrong or too much, before anything of it is executed. Without variables that it
 * demands it is checked all the same when `variables` is null: limits that variables set are then taken as 1.
 *
 * @throws {FaultlineError} CMDB_QUERY_…
 */
export function readyQuery(
  schema: GraphQLSchema,
  text: string,
  variables: Readonly<Record<string, unknown>> | null,
  operationName?: string | undefined,
): ReadyQuery {
  const document = parsed(text);
  const problems = validate(schema, document, specifiedRules, { maxErrors: MOST_PROBLEMS });
  if (problems.length > 0) throw invalid(problems);
  const operation = operationOf(document, operationName);
  const coerced =
    variables === null ? { coerced: {} } : getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (coerced.coerced === undefined) throw invalid(coerced.errors!);
  const measure = new Measure(schema, document, coerced.coerced);
  const { cost, depth, fields } = measure.of(operation.selectionSet, schema.getQueryType()!);
  if (fields > MOST_FIELDS)
    throw askingErrors.CMDB_QUERY_TOO_LARGE({ what: 'fields', count: fields, most: MOST_FIELDS });
  if (depth > MOST_DEPTH) throw askingErrors.CMDB_QUERY_TOO_DEEP({ depth, most: MOST_DEPTH });
  if (cost > MOST_COST) throw askingErrors.CMDB_QUERY_TOO_COSTLY({ cost, most: MOST_COST });
  return { document, operationName, variables: variables ?? {}, cost };
}

function parsed(text: string): DocumentNode {
  if (text.length > MOST_CHARACTERS) {
    throw askingErrors.CMDB_QUERY_TOO_LARGE({ what: 'characters', count: text.length, most: MOST_CHARACTERS });
  }
  try {
    return parse(text, { maxTokens: MOST_TOKENS, noLocation: false });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [{ line, column } = { line: 1, column: 1 }] = error.locations ?? [];
    throw askingErrors.CMDB_QUERY_SYNTAX({ problem: sentence(error.message), line, column }, { field: 'query' });
  }
}

function invalid(errors: readonly GraphQLError[]): Error {
  const problems = errors.slice(0, MOST_PROBLEMS);
  return askingErrors.CMDB_QUERY_INVALID(
    { problems: problems.map(({ message }) => sentence(message)) },
    { field: 'query', detail: problems.map(({ message, locations }) => ({ message, locations })) },
  );
}

function sentence(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const found = name === undefined ? operations : operations.filter((one) => one.name?.value === name);
  const [only] = found;
  if (found.length === 1 && only?.operation === OperationTypeNode.QUERY) return only;
  if (found.length === 1) {
    const problem = 'There are queries only: changes are made over REST, with an author and a reason.';
    throw askingErrors.CMDB_QUERY_INVALID({ problems: [problem] }, { field: 'query' });
  }
  const problem = name === undefined ? 'Several operations: say which by operationName.' : `No operation ${name}.`;
  throw askingErrors.CMDB_QUERY_INVALID({ problems: [problem] }, { field: 'operationName' });
}

interface Measured {
  readonly cost: number;
  readonly depth: number;
  readonly fields: number;
}

const NOTHING: Measured = { cost: 0, depth: 0, fields: 0 };

/** What the fields of a query count for, each fragment measured once: a query of many is no trap. */
class Measure {
  readonly #schema: GraphQLSchema;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #measured = new Map<string, Measured>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>>) {
    this.#schema = schema;
    this.#variables = variables;
    const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((one) => [one.name.value, one]));
  }

  of(selections: SelectionSetNode, type: GraphQLObjectType): Measured {
    let total = NOTHING;
    for (const selection of selections.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) total = sum(total, this.of(selection.selectionSet, type));
      else if (selection.kind === Kind.FRAGMENT_SPREAD) total = sum(total, this.#fragment(selection.name.value, type));
      else total = sum(total, this.#field(selection, type));
    }
    return total;
  }

  #fragment(name: string, type: GraphQLObjectType): Measured {
    const known = this.#measured.get(name);
    if (known !== undefined) return known;
    const measured = this.of(this.#fragments.get(name)!.selectionSet, type);
    this.#measured.set(name, measured);
    return measured;
  }

  #field(node: Parameters<typeof getArgumentValues>[1] & { kind: Kind.FIELD }, type: GraphQLObjectType): Measured {
    const name = node.name.value;
    if (name === '__typename') return { cost: 0, depth: 1, fields: 1 };
    // Its depth has a rule of its own among those of validation.
    if (name.startsWith('__')) return { cost: INTROSPECTION_COST, depth: 1, fields: 1 };
    const field = type.getFields()[name]!;
    const told = field.astNode && getDirectiveValues(this.#schema.getDirective('cost')!, field.astNode);
    const inner = getNamedType(field.type);
    if (!isObjectType(inner) || node.selectionSet === undefined) {
      return { cost: Number(told?.of ?? 0), depth: 1, fields: 1 };
    }
    const below = this.of(node.selectionSet, inner);
    const limit = this.#limitOf(field, node);
    const times = limit ?? (isListType(getNullableType(field.type)) ? Number(told?.items ?? 1) : 1);
    return { cost: Number(told?.of ?? 1) + times * (1 + below.cost), depth: 1 + below.depth, fields: 1 + below.fields };
  }

  #limitOf(...[field, node]: Parameters<typeof getArgumentValues>): number | null {
    const limit = field.args.find((argument) => argument.name === 'limit');
    if (limit === undefined) return null;
    const written = node.arguments?.find((argument) => argument.name.value === 'limit')?.value;
    if (written === undefined) return Number(limit.defaultValue ?? 1);
    if (written.kind === Kind.INT) return Math.max(1, Number(written.value));
    const told = written.kind === Kind.VARIABLE ? this.#variables[written.name.value] : undefined;
    return typeof told === 'number' ? Math.max(1, told) : 1;
  }
}

function sum(one: Measured, other: Measured): Measured {
  return {
    cost: one.cost + other.cost,
    depth: Math.max(one.depth, other.depth),
    fields: one.fields + other.fields,
  };
}
