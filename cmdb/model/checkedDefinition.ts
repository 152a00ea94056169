import { cmdbErrors } from '../errors.ts';
import { AttributeProblem, checkedValue } from './attributeCheck.ts';
import { type CmdbModel, RESTRICTED } from './cmdbModel.ts';
import type {
  AttributeDefinition,
  CiTypeDefinition,
  FieldDefinition,
  ModelChange,
  ModelDefinition,
} from './definitions.ts';
import { GENERIC_TYPE, STARTING_MODEL } from './startingModel.ts';
import { over } from './store.ts';

/**
 * What a change makes of a model.
 * @throws {FaultlineError} CMDB_MODEL_WRONG when the result would be no model: circles, types that are not there…
 */
export function changedDefinition(model: CmdbModel, change: ModelChange): ModelDefinition {
  refuseRepeated([...change.ciTypes.map((type) => type.name), ...change.removeCiTypes]);
  refuseRepeated([...change.relationTypes.map((type) => type.name), ...change.removeRelationTypes]);
  const { definition } = model;
  const gone = new Set([...change.removeCiTypes, ...change.removeRelationTypes]);
  for (const name of gone) {
    if (model.typeOf(name) === undefined && model.relationType(name) === undefined) {
      throw wrong(name, 'it is to be removed, and the model does not hold it');
    }
  }
  const start = STARTING_MODEL.definition;
  const withdrawn = {
    ciTypes: withdraw(definition.ciTypes, start.ciTypes, gone),
    relationTypes: withdraw(definition.relationTypes, start.relationTypes, gone),
  };
  const result = over(withdrawn, {
    ci: new Map(change.ciTypes.map((type) => [type.name, completed(type)])),
    relation: new Map(change.relationTypes.map((type) => [type.name, type])),
  });
  checkTypes(result);
  checkRelations(result);
  return result;
}

/** A built-in type keeps the attributes that the product reads, whatever it is told to become. */
function completed(type: CiTypeDefinition): CiTypeDefinition {
  const start = STARTING_MODEL.definition.ciTypes.find((one) => one.name === type.name)?.attributes ?? [];
  const told = new Map(type.attributes.map((attribute) => [attribute.name, attribute]));
  for (const { name, kind } of start) {
    if ((told.get(name)?.kind ?? kind) !== kind)
      throw wrong(`${type.name}.${name}`, `it is built in and stays of kind ${kind}`);
  }
  return { ...type, attributes: [...start.filter(({ name }) => !told.has(name)), ...type.attributes] };
}

/** Built-in types that go become what they were at the start; a tenant's own are no more. */
function withdraw<T extends { name: string }>(
  types: readonly T[],
  start: readonly T[],
  gone: ReadonlySet<string>,
): T[] {
  return types
    .map((type) => (gone.has(type.name) ? start.find((one) => one.name === type.name) : type))
    .filter((type) => type !== undefined);
}

function refuseRepeated(names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw wrong(repeated, 'it stands twice in the change');
}

function checkTypes({ ciTypes }: ModelDefinition): void {
  const byName = new Map(ciTypes.map((type) => [type.name, type]));
  for (const type of ciTypes) {
    if (type.parent === null && type.name !== GENERIC_TYPE)
      throw wrong(type.name, `only ${GENERIC_TYPE} has no parent`);
    const seen = new Set<string>();
    for (let at = type; at.parent !== null; ) {
      if (seen.has(at.name)) throw wrong(type.name, 'it inherits from itself');
      seen.add(at.name);
      const parent = byName.get(at.parent);
      if (parent === undefined) throw wrong(at.name, `its parent ${at.parent} is no CI type`);
      at = parent;
    }
    const names = type.attributes.map((attribute) => attribute.name);
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    if (repeated !== undefined) throw wrong(type.name, `its attribute ${repeated} stands twice`);
    for (const attribute of type.attributes) checkAttribute(type.name, attribute, byName);
    checkRestricted(type);
  }
}

/** What `restricted` means of a CI is not for a type to change; a type that wants all of its CIs withheld says so itself. */
function checkRestricted({ name, attributes }: CiTypeDefinition): void {
  const told = attributes.find((attribute) => attribute.name === RESTRICTED);
  if (told === undefined || (name === GENERIC_TYPE && told.default === undefined && !told.sensitive)) return;
  throw wrong(
    `${name}.${RESTRICTED}`,
    'every CI has it as it is; to withhold all CIs of a type, set restricted of the type',
  );
}

function checkAttribute(
  type: string,
  attribute: AttributeDefinition | FieldDefinition,
  types: ReadonlyMap<string, unknown>,
): void {
  const { name, kind } = attribute;
  const at = `${type}.${name}`;
  if ((kind === 'enum') !== (attribute.values !== undefined)) throw wrong(at, 'an enum, and no other, has values');
  if ((kind === 'reference') !== (attribute.refersTo !== undefined)) {
    throw wrong(at, 'a reference, and no other, says to which type it refersTo');
  }
  if (attribute.refersTo !== undefined && !types.has(attribute.refersTo)) {
    throw wrong(at, `it refers to ${attribute.refersTo}, which is no CI type`);
  }
  if ('fields' in attribute && attribute.fields !== undefined) {
    if (kind !== 'object') throw wrong(at, 'only an object has fields');
    for (const field of attribute.fields) checkAttribute(at, field, types);
  }
  if ('unique' in attribute && attribute.unique) {
    if (kind === 'object' || kind === 'boolean') throw wrong(at, `a value of kind ${kind} cannot be unique`);
    if (attribute.default !== undefined) throw wrong(at, 'a unique attribute has no default');
  }
  if (attribute.default === undefined) return;
  try {
    attribute.default = checkedValue(attribute, attribute.default, 'default');
  } catch (error) {
    if (!(error instanceof AttributeProblem)) throw error;
    throw wrong(at, `its default ${error.message}`);
  }
}

function checkRelations({ ciTypes, relationTypes }: ModelDefinition): void {
  const known = new Set(ciTypes.map((type) => type.name));
  for (const { name, between, allowed } of relationTypes) {
    for (const { fromType, toType } of [...between, ...allowed]) {
      const lost = [fromType, toType].find((type) => type !== undefined && !known.has(type));
      if (lost !== undefined) throw wrong(name, `it names ${lost}, which is no CI type`);
    }
  }
}

function wrong(what: string, problem: string): Error {
  return cmdbErrors.CMDB_MODEL_WRONG({ what, problem });
}
