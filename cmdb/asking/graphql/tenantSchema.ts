import {
  buildSchema,
  type ConstValueNode,
  GraphQLError,
  type GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  valueFromASTUntyped,
} from 'graphql';
import type { Database } from '../../../platform/index.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { STARTING_MODEL } from '../../model/startingModel.ts';
import { currentModel } from '../../model/store.ts';
import { filterSdl } from './filterSdl.ts';
import { GRAPH_SDL } from './graphSdl.ts';
import { IMPACT_SDL } from './impactSdl.ts';

/** A model with the schema in which it is asked about. */
export interface TenantSchema {
  readonly model: CmdbModel;
  readonly schema: GraphQLSchema;
  readonly sdl: string;
}

/** Models whose schemas are kept: building one takes some 20 ms. */
const KEPT = 64;

/** The schemas of tenants' models; tenants that never changed theirs share one. */
export class TenantSchemas {
  readonly #db: Database;
  readonly #kept = new Map<string, TenantSchema>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The schema of the tenant's model as it stands. */
  async of(tenantId: string): Promise<TenantSchema> {
    const model = await this.#db.tenant(tenantId, currentModel);
    const place = model.version === STARTING_MODEL.version ? '' : `${tenantId} ${model.version}`;
    const known = this.#kept.get(place);
    const schema = known ?? schemaOf(model);
    this.#kept.delete(place);
    this.#kept.set(place, schema);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return schema;
  }
}

/** @throws {Error} for a model that GraphQL cannot express, which is a fault of the program */
export function schemaOf(model: CmdbModel): TenantSchema {
  const sdl = `${GRAPH_SDL.trim()}\n${IMPACT_SDL}${filterSdl(model)}\n`;
  const schema = buildSchema(sdl);
  readAs(schema, 'DateTime', dateOf);
  readAs(schema, 'Version', (value) => String(value));
  const dateTime = schema.getType('DateTime') as GraphQLScalarType;
  dateTime.serialize = (value) => (value instanceof Date ? value.toISOString() : String(value));
  (schema.getType('Version') as GraphQLScalarType).serialize = String;
  return { model, schema, sdl };
}

function readAs(schema: GraphQLSchema, name: string, read: (value: unknown) => unknown): void {
  const scalar = schema.getType(name) as GraphQLScalarType;
  scalar.parseValue = read;
  scalar.parseLiteral = (node) => {
    if (node.kind === Kind.OBJECT || node.kind === Kind.LIST) return read(undefined);
    return read(valueFromASTUntyped(node as ConstValueNode));
  };
}

function dateOf(value: unknown): Date {
  const text = typeof value === 'string' ? value : '';
  if (/^\d{4}-\d{2}-\d{2}(T|$)/.test(text) && Number.isFinite(Date.parse(text))) return new Date(text);
  throw new GraphQLError('must be a time as 2026-03-31T08:00:00Z');
}
