import { z } from 'zod';

/** A text in both languages of the product. */
const bothLanguages = z.strictObject({
  en: z.string().trim().min(1).max(500),
  zh: z.string().trim().min(1).max(500),
});
export type BothLanguages = z.output<typeof bothLanguages>;

const typeName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'small letters, digits and _ only, as in power_feed');
const relationName = z.string().regex(/^[A-Z][A-Z0-9_]{0,62}$/, 'capitals, digits and _ only, as in DEPENDS_ON');
const attributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, 'letters, digits and _ only, as in powerKw');

const ATTRIBUTE_KINDS = ['text', 'number', 'integer', 'boolean', 'enum', 'date', 'reference', 'object'] as const;

const field = z.strictObject({
  name: attributeName,
  kind: z.enum(ATTRIBUTE_KINDS),
  description: bothLanguages,
  required: z.boolean().default(false),
  default: z.unknown().optional(),
  unit: z.string().trim().min(1).max(40).optional(),
  minimum: z.number().optional().describe('of a number: the least that is allowed'),
  above: z.number().optional().describe('of a number: what it must be greater than'),
  maximum: z.number().optional(),
  values: z.array(z.string().min(1).max(200)).min(1).max(500).optional().describe('of an enum'),
  refersTo: typeName.optional().describe('of a reference, which holds a key: the type of the CI it names'),
});

const attribute = field.extend({
  unique: z.boolean().default(false).describe('no two CIs of the type, or of one that inherits it, have the same'),
  sensitive: z.boolean().default(false).describe('shown only to those with cmdb:sensitive'),
  fields: z.array(field).min(1).max(100).optional().describe('of an object'),
});
export type FieldDefinition = z.output<typeof field>;
export type AttributeDefinition = z.output<typeof attribute>;

export const ciTypeDefinition = z.strictObject({
  name: typeName,
  parent: typeName.nullable().default('configuration_item').describe('whose attributes and relations it inherits'),
  abstract: z.boolean().default(false).describe('only to inherit from; no CI is of this type itself'),
  restricted: z
    .boolean()
    .default(false)
    .describe('its CIs, and those of types that inherit it, are withheld from those without cmdb:restricted'),
  label: bothLanguages,
  attributes: z.array(attribute).max(200).default([]),
});
export type CiTypeDefinition = z.output<typeof ciTypeDefinition>;

const direction = z
  .enum(['to-fails', 'from-fails', 'none'])
  .describe('to-fails: from needs to; from-fails: to needs from; none: a fact, not a dependency');
/**
 * Which end of a relation suffers when the other fails.
 * `to-fails`: `from` needs `to`. `from-fails`: `to` needs `from`. `none`: a fact, not a dependency.
 */
export type ImpactDirection = z.output<typeof direction>;

const ends = { fromType: typeName.optional(), toType: typeName.optional() };

export const relationTypeDefinition = z.strictObject({
  name: relationName,
  direction,
  meaning: bothLanguages,
  between: z
    .array(z.strictObject({ ...ends, direction }))
    .max(100)
    .default([])
    .describe('ends between which it carries another direction; the first that fits counts'),
  allowed: z
    .array(z.strictObject(ends))
    .max(200)
    .default([])
    .describe('types of CI that it may relate, and those that inherit them; any when empty'),
  redundancy: z
    .strictObject({
      group: z.string().trim().min(1).max(100),
      minUp: z.number().int().min(1).max(1_000_000).default(1),
    })
    .nullable()
    .default(null)
    .describe('the group of a relation that names none'),
});
export type RelationTypeDefinition = z.output<typeof relationTypeDefinition>;

/** A model as it is written: everything else follows from it. */
export interface ModelDefinition {
  readonly ciTypes: readonly CiTypeDefinition[];
  readonly relationTypes: readonly RelationTypeDefinition[];
}

/** A change of the model: types that are new or told anew, and types that go. */
export const modelChange = z.strictObject({
  ciTypes: z.array(ciTypeDefinition).max(500).default([]),
  relationTypes: z.array(relationTypeDefinition).max(200).default([]),
  removeCiTypes: z.array(typeName).max(500).default([]).describe('a built-in type becomes what it was at the start'),
  removeRelationTypes: z.array(relationName).max(200).default([]),
});
export type ModelChange = z.output<typeof modelChange>;
