import type { Tx } from '../../platform/index.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';

/** Attributes that together name a CI; `key` and `name` are the CI's own, all others its attributes. */
export type Identifier = readonly string[];

/**
 * What tells that a CI of a file is one that is there already, in the order in which it is asked. A tenant's own rules
 * take the place of these, type by type; `*` is for types that have none.
 */
export const STARTING_RULES: Readonly<Record<string, readonly Identifier[]>> = {
  '*': [['serialNumber'], ['assetTag'], ['key']],
  server: [['serialNumber'], ['assetTag'], ['key'], ['name', 'site']],
  network_device: [['serialNumber'], ['assetTag'], ['key'], ['name', 'site']],
  vm: [['serialNumber'], ['key'], ['name', 'site']],
  site: [['key'], ['name']],
  building: [['key'], ['name', 'site']],
  rack: [['serialNumber'], ['assetTag'], ['key'], ['name', 'site']],
  circuit: [['key'], ['name']],
  person: [['key'], ['email']],
  team: [['key'], ['name']],
  supplier: [['key'], ['name']],
};

export interface IdentificationRules {
  /** @returns the identifiers of a type, in order */
  of(type: string): readonly Identifier[];
}

export async function readRules(tx: Tx): Promise<IdentificationRules> {
  const own = new Map((await listRules(tx)).map(({ ciType, rules }) => [ciType, rules]));
  const starting = new Map(Object.entries(STARTING_RULES));
  return { of: (type) => own.get(type) ?? starting.get(type) ?? own.get('*') ?? starting.get('*')! };
}

export interface TypeRules {
  readonly ciType: string;
  readonly rules: string[][];
}

/** The tenant's own rules. */
export async function listRules(tx: Tx): Promise<TypeRules[]> {
  const { rows } = await tx.query<TypeRules>(
    'select ci_type as "ciType", rules from cmdb_identification where tenant_id = $1 order by ci_type',
    [tx.tenantId],
  );
  return rows;
}

/** Sets a type's rules; none at all gives it back to the starting rules. */
export async function putRules(tx: Tx, { ciType, rules }: TypeRules): Promise<void> {
  await tx.query('delete from cmdb_identification where tenant_id = $1 and ci_type = $2', [tx.tenantId, ciType]);
  if (rules.length === 0) return;
  await tx.query('insert into cmdb_identification (tenant_id, ci_type, rules) values ($1, $2, $3)', [
    tx.tenantId,
    ciType,
    JSON.stringify(rules),
  ]);
}

/** Texts that stand where nobody knew the number. */
const NO_IDENTITY =
  /^(|0+|-+|n\/?a|none|null|unknown|tbd|not (specified|available|applicable)|default string|to be filled.*|system serial number|x+)$/;
const SEPARATOR = '\u001f';

/** What a CI is called by an identifier, so that equals compare equal; undefined when a part of it is not told. */
export function identityOf(
  ci: { readonly key: string; readonly name?: string; readonly attributes: Readonly<Record<string, unknown>> },
  identifier: Identifier,
): string | undefined {
  const parts: string[] = [];
  for (const field of identifier) {
    const value = field === 'key' ? ci.key : field === 'name' ? ci.name : ci.attributes[field];
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const text = String(value).trim().toLowerCase();
    if (NO_IDENTITY.test(text)) return undefined;
    parts.push(text);
  }
  return parts.join(SEPARATOR);
}

/** SQL of the same for rows of cmdb_ci; `field` places the names of attributes among the statement's parameters. */
export function identitySql(identifier: Identifier, parameter: (value: string) => string): string {
  const parts = identifier.map((field) => {
    if (field === 'key' || field === 'name') return `lower(btrim(c.${field}))`;
    return `lower(btrim(c.attributes->>${parameter(field)}::text))`;
  });
  return parts.join(` || E'\\x1f' || `);
}

/** Whether an identity that the database found is one at all. */
export function isIdentity(identity: string): boolean {
  return identity.split(SEPARATOR).every((part) => !NO_IDENTITY.test(part));
}

/** What a person is told of an identity; the values of sensitive attributes stay out of it. */
export function evidenceOf(model: CmdbModel, type: string, identifier: Identifier, identity: string): string {
  const sensitive = model.sensitive(type);
  const name = identifier.join(' + ');
  if (identifier.some((field) => sensitive.has(field))) return name;
  return `${name} ${identity.replaceAll(SEPARATOR, ' + ')}`;
}
