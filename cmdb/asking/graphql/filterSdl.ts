import type { CmdbModel } from '../../model/cmdbModel.ts';
import type { FieldDefinition } from '../../model/definitions.ts';

/** Filters that are the same under every model. */
const FIXED = /* GraphQL */ `
"Conditions on one CI: all that are told must hold"
input CiWhere {
  and: [CiWhere!]
  or: [CiWhere!]
  not: CiWhere
  id: [ID!]
  key: TextIs
  name: TextIs
  status: TextIs
  "Of these types, or of those that inherit from them"
  type: [CiType!]
  "Told by this source, in whole or in part"
  source: String
  seenBefore: DateTime
  seenAfter: DateTime
  firstSeenBefore: DateTime
  firstSeenAfter: DateTime
  "Found by these words, as by search"
  text: String
  "Attributes, by the type that has them: { equipment: { powerKw: { gte: 15 } } } are equipment units of 15 kW or more"
  has: CiHas
  "Attributes that the model does not know, as a source told them"
  other: [OtherIs!]
}
input TextIs { eq: String ne: String in: [String!] "In any case of letters" contains: String startsWith: String exists: Boolean }
input NumberIs { eq: Float ne: Float in: [Float!] lt: Float lte: Float gt: Float gte: Float exists: Boolean }
input WholeNumberIs { eq: Int ne: Int in: [Int!] lt: Int lte: Int gt: Int gte: Int exists: Boolean }
input TruthIs { eq: Boolean exists: Boolean }
"Dates without a time are taken as midnight UTC"
input DateIs { eq: String before: String after: String exists: Boolean }
input OtherIs { name: String! eq: JSON contains: String exists: Boolean }
`;

/** Names that GraphQL keeps for itself among the values of an enum. */
const NO_VALUES = new Set(['true', 'false', 'null']);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Types of a model as GraphQL writes them: an enum of CI types, one of relation types, and for each CI type with
 * attributes an input in which each attribute has the comparisons of its kind, and each enum its values.
 */
export function filterSdl(model: CmdbModel): string {
  const taken = new Set<string>();
  const nameFor = (wanted: string): string => {
    let name = wanted;
    for (let next = 2; taken.has(name); next++) name = `${wanted}${next}`;
    taken.add(name);
    return name;
  };
  const parts: string[] = [FIXED];
  const inputOf = (fields: Iterable<FieldDefinition>, at: string, about: string): string => {
    const lines = [...fields].map((field) => {
      const { en, zh } = field.description;
      const unit = field.unit === undefined ? '' : ` [${field.unit}]`;
      return `  ${described(`${en} ${zh}${unit}`)} ${field.name}: ${comparisonOf(field, `${at}${pascal(field.name)}`)}`;
    });
    const name = nameFor(`${at}Has`);
    parts.push(`${described(about)}\ninput ${name} {\n${lines.join('\n')}\n}`);
    return name;
  };
  const comparisonOf = (field: FieldDefinition, at: string): string => {
    switch (field.kind) {
      case 'text':
      case 'reference':
        return 'TextIs';
      case 'number':
        return 'NumberIs';
      case 'integer':
        return 'WholeNumberIs';
      case 'boolean':
        return 'TruthIs';
      case 'date':
        return 'DateIs';
      case 'enum': {
        const values = field.values ?? [];
        if (!values.every((value) => NAME.test(value) && !value.startsWith('__') && !NO_VALUES.has(value)))
          return 'TextIs';
        const name = nameFor(at);
        parts.push(`enum ${name} { ${[...new Set(values)].join(' ')} }`);
        const is = nameFor(`${at}Is`);
        parts.push(`input ${is} { eq: ${name} ne: ${name} in: [${name}!] exists: Boolean }`);
        return is;
      }
      case 'object': {
        const fields = 'fields' in field ? (field.fields as FieldDefinition[] | undefined) : undefined;
        return fields === undefined || fields.length === 0
          ? 'ExistsIs'
          : inputOf(fields, at, `Fields of ${field.name}`);
      }
    }
  };
  parts.push('input ExistsIs { exists: Boolean }');
  const has: string[] = [];
  for (const { name, label } of model.definition.ciTypes) {
    const { attributes } = model.typeOf(name)!;
    if (attributes.size === 0) continue;
    has.push(
      `  ${described(`${label.en} ${label.zh}`)} ${name}: ${inputOf(attributes.values(), pascal(name), `Attributes of ${label.en} ${label.zh}`)}`,
    );
  }
  if (has.length === 0) has.push('  "No type has attributes" nothing: ExistsIs');
  parts.push(`input CiHas {\n${has.join('\n')}\n}`);
  parts.push(`enum CiType { ${typeNames(model).join(' ')} }`);
  parts.push(`enum RelationType { ${model.relationTypeNames.join(' ')} }`);
  return parts.join('\n');
}

/** Names of CI types that GraphQL can write; `true`, `false` and `null` are none. */
function typeNames(model: CmdbModel): string[] {
  return model.definition.ciTypes.map(({ name }) => name).filter((name) => !NO_VALUES.has(name));
}

function pascal(name: string): string {
  return name.replace(/(?:^|_+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A description that no text of a model breaks out of. */
function described(text: string): string {
  return JSON.stringify(text.replaceAll(/\s+/g, ' '));
}
