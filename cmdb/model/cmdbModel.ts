import { cmdbErrors } from '../errors.ts';
import { AttributeProblem, checkedValue } from './attributeCheck.ts';
import type {
  AttributeDefinition,
  CiTypeDefinition,
  ImpactDirection,
  ModelDefinition,
  RelationTypeDefinition,
} from './definitions.ts';

/** The attribute of every CI by which it is restricted alone, whatever its type says. */
export const RESTRICTED = 'restricted';

/** A CI type with all that it inherits. */
export interface CompiledCiType extends Omit<CiTypeDefinition, 'attributes' | 'restricted'> {
  /** Its own and its ancestors' by name; the nearest definition counts. */
  readonly attributes: ReadonlyMap<string, AttributeDefinition>;
  /** Itself, its parent, and so on. */
  readonly lineage: readonly string[];
  readonly sensitive: ReadonlySet<string>;
  /** Whether it, or a type that it inherits from, says so of its CIs. */
  readonly restricted: boolean;
  readonly required: readonly AttributeDefinition[];
  readonly references: readonly AttributeDefinition[];
  /** Attributes no two CIs share, each with the type among all of whose CIs that holds. */
  readonly unique: readonly { readonly attribute: string; readonly among: string }[];
  /** What a new CI gets that tells nothing else; null when there is nothing. */
  readonly defaults: Readonly<Record<string, unknown>> | null;
}

/** A CI as far as it is checked against its type. */
export interface CheckedCi {
  readonly key: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** One version of a tenant's model, ready for use; never changes. */
export class CmdbModel {
  readonly version: number;
  readonly definition: ModelDefinition;
  readonly #types = new Map<string, CompiledCiType>();
  readonly #relations: ReadonlyMap<string, RelationTypeDefinition>;
  readonly #anySensitive = new Set<string>();
  /** Types that stand at an end for which some relation carries another direction. */
  readonly #turning = new Set<string>();
  /** Directions of relation types with exceptions, by `from` and `to`, as they are asked for. */
  readonly #directions = new Map<string, Map<string, ImpactDirection>>();

  /** @param definition well formed, without circles: `checkedDefinition` sees to it */
  constructor(version: number, definition: ModelDefinition) {
    this.version = version;
    this.definition = definition;
    const written = new Map(definition.ciTypes.map((type) => [type.name, type]));
    for (const type of definition.ciTypes) this.#types.set(type.name, compiled(type, written));
    this.#relations = new Map(definition.relationTypes.map((type) => [type.name, type]));
    for (const { sensitive } of this.#types.values()) for (const name of sensitive) this.#anySensitive.add(name);
    const exceptions = definition.relationTypes.flatMap((type) => type.between);
    for (const { name } of this.#types.values()) {
      const turns = exceptions.some(({ fromType, toType }) => this.#fits(name, fromType) || this.#fits(name, toType));
      if (turns) this.#turning.add(name);
    }
  }

  /** Whether all CIs of a type are restricted. */
  restricts(type: string): boolean {
    return this.#types.get(type)?.restricted ?? false;
  }

  /** Whether a CI is withheld from those without cmdb:restricted: its type says so, or it does. */
  isRestricted({
    type,
    attributes,
  }: Pick<CheckedCi, 'type'> & { attributes?: CheckedCi['attributes'] | null }): boolean {
    return attributes?.[RESTRICTED] === true || this.restricts(type);
  }

  /** Names of the types whose CIs are all restricted. */
  get restrictedTypes(): string[] {
    return [...this.#types.values()].filter((type) => type.restricted).map((type) => type.name);
  }

  #fits(type: string, end: string | undefined): boolean {
    return end !== undefined && this.isA(type, end);
  }

  /** A CI type with what it inherits, or undefined for a name that the model does not hold. */
  typeOf(name: string): CompiledCiType | undefined {
    return this.#types.get(name);
  }

  /** Names of the types that a CI can have. */
  get concreteTypes(): string[] {
    return [...this.#types.values()].filter((type) => !type.abstract).map((type) => type.name);
  }

  /** Whether a CI can be of this type. */
  isConcrete(type: string): boolean {
    return this.#types.get(type)?.abstract === false;
  }

  /** Whether a type is another one or inherits from it; false for a type that the model does not hold. */
  isA(type: string, ancestor: string): boolean {
    return this.#types.get(type)?.lineage.includes(ancestor) ?? false;
  }

  /** A type and all that inherit from it. */
  typesUnder(ancestor: string): string[] {
    return [...this.#types.values()].filter((type) => type.lineage.includes(ancestor)).map((type) => type.name);
  }

  relationType(name: string): RelationTypeDefinition | undefined {
    return this.#relations.get(name);
  }

  get relationTypeNames(): string[] {
    return [...this.#relations.keys()];
  }

  /**
   * A CI's attributes as its type wants them: numbers written as text become numbers. What the type does not know is kept
   * as it is. Whether something required is missing is seen when the CI is written: it may be there already.
   *
   * @throws {FaultlineError} CMDB_TYPE_UNKNOWN, CMDB_TYPE_ABSTRACT, CMDB_ATTRIBUTE
   * @remarks O(attributes told)
   */
  checkedAttributes(ci: CheckedCi): Record<string, unknown> {
    const type = this.#types.get(ci.type);
    if (type === undefined) {
      throw cmdbErrors.CMDB_TYPE_UNKNOWN({ type: ci.type, known: this.concreteTypes }, { field: 'type' });
    }
    if (type.abstract) {
      const known = this.typesUnder(ci.type).filter((name) => this.isConcrete(name));
      throw cmdbErrors.CMDB_TYPE_ABSTRACT({ type: ci.type, known }, { field: 'type' });
    }
    const attributes: Record<string, unknown> = { ...ci.attributes };
    try {
      for (const name in attributes) {
        const definition = type.attributes.get(name);
        if (definition !== undefined) attributes[name] = checkedValue(definition, attributes[name], name);
      }
    } catch (error) {
      if (!(error instanceof AttributeProblem)) throw error;
      throw cmdbErrors.CMDB_ATTRIBUTE(
        { key: ci.key, type: ci.type, problem: `${error.path}: ${error.message}` },
        { field: `attributes.${error.path}` },
      );
    }
    return attributes;
  }

  /** Which end suffers, by the relation's type and the types of the CIs at its ends; `none` for a type not held. */
  directionOf(relationType: string, fromType: string, toType: string): ImpactDirection {
    const relation = this.#relations.get(relationType);
    if (relation === undefined) return 'none';
    if (relation.between.length === 0) return relation.direction;
    const at = `${relationType} ${fromType}`;
    const known = this.#directions.get(at) ?? new Map<string, ImpactDirection>();
    this.#directions.set(at, known);
    const before = known.get(toType);
    if (before !== undefined) return before;
    const exception = relation.between.find((one) => this.#relates(one, fromType, toType));
    const direction = exception?.direction ?? relation.direction;
    known.set(toType, direction);
    return direction;
  }

  /** Whether relations at CIs of this type may carry another direction than usual. */
  turnsDirection(ciType: string): boolean {
    return this.#turning.has(ciType);
  }

  /** Whether a relation of this type may tie CIs of these types. */
  mayRelate(relationType: string, fromType: string, toType: string): boolean {
    const { allowed = [] } = this.#relations.get(relationType) ?? {};
    return allowed.length === 0 || allowed.some((ends) => this.#relates(ends, fromType, toType));
  }

  #relates(ends: { fromType?: string | undefined; toType?: string | undefined }, from: string, to: string): boolean {
    return (
      (ends.fromType === undefined || this.isA(from, ends.fromType)) &&
      (ends.toType === undefined || this.isA(to, ends.toType))
    );
  }

  /** The group of a relation that names none; null when it then stands alone. */
  defaultRedundancy(relationType: string): { readonly group: string; readonly minUp: number } | null {
    return this.#relations.get(relationType)?.redundancy ?? null;
  }

  /** Names of the attributes that only some may see; of a type that is gone, all that any type keeps so. */
  sensitive(type: string): ReadonlySet<string> {
    return this.#types.get(type)?.sensitive ?? this.#anySensitive;
  }
}

function compiled(type: CiTypeDefinition, written: ReadonlyMap<string, CiTypeDefinition>): CompiledCiType {
  const lineage: CiTypeDefinition[] = [];
  for (let at: CiTypeDefinition | undefined = type; at !== undefined; at = written.get(at.parent ?? ''))
    lineage.push(at);
  const attributes = new Map(
    lineage.toReversed().flatMap((one) => one.attributes.map((attribute) => [attribute.name, attribute] as const)),
  );
  const all = [...attributes.values()];
  const defaults = all.filter((one) => one.default !== undefined).map((one) => [one.name, one.default]);
  return {
    ...type,
    attributes,
    lineage: lineage.map((one) => one.name),
    restricted: lineage.some((one) => one.restricted),
    sensitive: new Set(all.filter((one) => one.sensitive).map((one) => one.name)),
    required: all.filter((one) => one.required),
    references: all.filter((one) => one.kind === 'reference'),
    unique: all
      .filter((one) => one.unique)
      .map(({ name }) => ({
        attribute: name,
        among: lineage.find((one) => one.attributes.some((own) => own.name === name))!.name,
      })),
    defaults: defaults.length === 0 ? null : Object.fromEntries(defaults),
  };
}
