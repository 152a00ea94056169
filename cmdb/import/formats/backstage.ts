import { type CiRow, checkedKey, Notes, type Place, type RelationRow } from '../rows.ts';
import type { FormatReader } from './reader.ts';
import { isRecord, textOf } from './sourceFile.ts';

/** What kinds of entities are here. Resources and components say more in `spec.type`. */
const KINDS: Readonly<Record<string, string>> = {
  component: 'application',
  api: 'application',
  system: 'business_service',
  domain: 'business_capability',
  group: 'team',
  user: 'person',
};
const RESOURCE_TYPES: readonly { readonly type: RegExp; readonly is: string }[] = [
  { type: /database|\bdb\b|postgres|mysql|oracle|mongo|redis|sql/i, is: 'database' },
  { type: /cluster|kubernetes/i, is: 'cluster' },
  { type: /virtual|\bvm\b/i, is: 'vm' },
  { type: /container|pod/i, is: 'container' },
  { type: /server|host/i, is: 'server' },
  { type: /network|load.?balancer|gateway|cdn/i, is: 'network_device' },
  { type: /queue|topic|bucket|storage|cache|broker|stream|service|function/i, is: 'application' },
];
/** Entities that describe the catalog itself. */
const NOT_A_CI = new Set(['location', 'template']);

interface SpecRelation {
  readonly field: string;
  readonly type: string;
  readonly defaultKind: string;
  /** What the field names needs the entity, not the other way round. */
  readonly reversed?: boolean;
}

/** @see https://backstage.io/docs/features/software-catalog/descriptor-format */
const SPEC_RELATIONS: readonly SpecRelation[] = [
  { field: 'owner', type: 'OWNED_BY', defaultKind: 'group' },
  { field: 'system', type: 'PART_OF', defaultKind: 'system' },
  { field: 'domain', type: 'PART_OF', defaultKind: 'domain' },
  { field: 'subcomponentOf', type: 'PART_OF', defaultKind: 'component' },
  { field: 'subdomainOf', type: 'PART_OF', defaultKind: 'domain' },
  { field: 'dependsOn', type: 'DEPENDS_ON', defaultKind: 'component' },
  { field: 'dependencyOf', type: 'DEPENDS_ON', defaultKind: 'component', reversed: true },
  { field: 'providesApis', type: 'DEPENDS_ON', defaultKind: 'api', reversed: true },
  { field: 'consumesApis', type: 'DEPENDS_ON', defaultKind: 'api' },
  { field: 'parent', type: 'PART_OF', defaultKind: 'group' },
  { field: 'children', type: 'PART_OF', defaultKind: 'group', reversed: true },
  { field: 'memberOf', type: 'PART_OF', defaultKind: 'group' },
  { field: 'members', type: 'PART_OF', defaultKind: 'user', reversed: true },
];

/** Relations as the catalog's API tells them; of each pair the one that says the same as a field above. */
const API_RELATIONS: Readonly<Record<string, string>> = {
  ownedBy: 'OWNED_BY',
  partOf: 'PART_OF',
  dependsOn: 'DEPENDS_ON',
  apiProvidedBy: 'DEPENDS_ON',
  consumesApi: 'DEPENDS_ON',
  childOf: 'PART_OF',
  memberOf: 'PART_OF',
};
const OTHER_HALVES = /^(ownerOf|hasPart|dependencyOf|providesApi|apiConsumedBy|parentOf|hasMember)$/;

interface Entity extends Place {
  readonly kind: string;
  readonly key: string;
  readonly namespace: string;
  readonly metadata: Record<string, unknown>;
  readonly spec: Record<string, unknown>;
  readonly relations: readonly unknown[];
}

/** Backstage: descriptor files, many documents in each, and the catalog's API. */
export const backstage: FormatReader = {
  format: 'Backstage',
  recognises: (content) =>
    content.notation === 'documents' && content.written === 'tree' && content.documents.flatMap(entries).some(isOurs),
  rows: (contents) => {
    const notes = new Notes();
    const entities = new Map<string, Entity>();
    for (const content of contents) {
      if (content.notation !== 'documents') continue;
      for (const [at, entry] of content.documents.flatMap(entries).entries()) {
        const entity = entityOf({ file: content.file, line: at + 1 }, entry);
        if (entity === null) notes.add('Backstage: documents that are no entities; left out.');
        else if (NOT_A_CI.has(entity.kind)) notes.add(`Backstage: ${entity.kind}: says where others lie; left out.`);
        else if (entities.has(entity.key))
          notes.add(`Backstage: ${entity.key} stands more than once; the first counts.`);
        else entities.set(entity.key, entity);
      }
    }
    const all = [...entities.values()];
    return { cis: all.map(ciRow), relations: relationsOf(all, notes), contacts: [], notes: notes.list() };
  },
};

/** A document is an entity, a list of them, or a page of the API. */
function entries(document: unknown): readonly unknown[] {
  if (document === null || document === undefined) return [];
  if (Array.isArray(document)) return document;
  return isRecord(document) && Array.isArray(document.items) ? document.items : [document];
}

function isOurs(entry: unknown): boolean {
  return isRecord(entry) && typeof entry.apiVersion === 'string' && /^backstage\.io\//.test(entry.apiVersion);
}

function entityOf(place: Place, entry: unknown): Entity | null {
  if (!isRecord(entry) || !isRecord(entry.metadata)) return null;
  const kind = textOf(entry.kind)?.toLowerCase();
  const name = textOf(entry.metadata.name);
  if (kind === undefined || name === undefined) return null;
  const namespace = textOf(entry.metadata.namespace)?.toLowerCase() ?? 'default';
  const key = checkedKey(place, 'metadata.name', `${kind}:${namespace}/${name.toLowerCase()}`);
  const spec = isRecord(entry.spec) ? entry.spec : {};
  const relations = Array.isArray(entry.relations) ? entry.relations : [];
  return { ...place, kind, key, namespace, metadata: entry.metadata, spec, relations };
}

function ciRow({ file, line, kind, key, metadata, spec }: Entity): CiRow {
  const profile = isRecord(spec.profile) ? spec.profile : {};
  const type = textOf(spec.type);
  const ours = kind === 'resource' ? RESOURCE_TYPES.find((one) => one.type.test(type ?? ''))?.is : KINDS[kind];
  const attributes = {
    description: textOf(metadata.description),
    specType: type,
    lifecycle: textOf(spec.lifecycle),
    tags: Array.isArray(metadata.tags) && metadata.tags.length > 0 ? metadata.tags.map(String) : undefined,
    labels: isRecord(metadata.labels) ? metadata.labels : undefined,
    annotations: isRecord(metadata.annotations) ? metadata.annotations : undefined,
    email: textOf(profile.email),
  };
  return {
    file,
    line,
    key,
    type: ours ?? (type === undefined ? kind : `${kind} ${type}`),
    ...(ours === undefined ? {} : { sourceType: type === undefined ? kind : `${kind} ${type}` }),
    name: textOf(metadata.title) ?? textOf(profile.displayName) ?? textOf(metadata.name)!,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
  };
}

function relationsOf(entities: readonly Entity[], notes: Notes): RelationRow[] {
  const rows = new Map<string, RelationRow>();
  const add = (entity: Entity, type: string, sourceType: string, other: string, reversed: boolean) => {
    const [from, to] = reversed ? [other, entity.key] : [entity.key, other];
    if (from === to) return;
    const attributes = type === 'OWNED_BY' ? { role: 'accountable' } : {};
    const { file, line } = entity;
    rows.set(`${from}\n${type}\n${to}`, { file, line, from, type, sourceType, to, attributes, loose: true });
  };
  for (const entity of entities) {
    for (const { field, type, defaultKind, reversed = false } of SPEC_RELATIONS) {
      for (const reference of [entity.spec[field]].flat()) {
        const other = keyOfReference(reference, defaultKind, entity.namespace);
        if (other !== undefined) add(entity, type, field, other, reversed);
      }
    }
    for (const told of entity.relations.filter(isRecord)) {
      const name = textOf(told.type) ?? '';
      const target = isRecord(told.target)
        ? `${told.target.kind}:${told.target.namespace}/${told.target.name}`
        : undefined;
      const other = keyOfReference(told.targetRef ?? target, undefined, entity.namespace);
      const known = API_RELATIONS[name];
      if (known !== undefined && other !== undefined) add(entity, known, name, other, false);
      else if (!OTHER_HALVES.test(name) && other !== undefined) {
        notes.add(`Backstage: the relation "${name}" is unknown here; taken as RELATED_TO, which carries no impact.`);
        add(entity, 'RELATED_TO', name, other, false);
      }
    }
  }
  return [...rows.values()];
}

/** `[kind:][namespace/]name` in any case. @see https://backstage.io/docs/features/software-catalog/references */
function keyOfReference(reference: unknown, defaultKind: string | undefined, namespace: string): string | undefined {
  const text = textOf(reference)?.toLowerCase();
  const [, kind = defaultKind, space = namespace, name] =
    /^(?:([^:/]+):)?(?:([^:/]+)\/)?([^:/]+)$/.exec(text ?? '') ?? [];
  return kind === undefined || name === undefined ? undefined : `${kind}:${space}/${name}`;
}
