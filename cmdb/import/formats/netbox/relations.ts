import type { RelationRow } from '../../rows.ts';
import { isRecord, textOf } from '../sourceFile.ts';
import { contentType } from './cables.ts';
import type { CiKeys } from './cis.ts';
import { CI_KINDS } from './kinds.ts';
import { type NetboxObject, type NetboxObjects, nameOf } from './objects.ts';

/** A field that refers to another object, and the relation that it is. The first field of a group that is set counts. */
interface FieldRelation {
  readonly kind: string;
  readonly fields: readonly { readonly field: string; readonly to: string }[];
  readonly type: string;
  /** The object referred to is the one that the relation begins at. */
  readonly reversed?: boolean;
  /** One of several is enough for the CI that needs them. */
  readonly group?: string;
}

const SITE = { field: 'site', to: 'dcim.site' };
const LOCATION = { field: 'location', to: 'dcim.location' };
const TENANT = [{ field: 'tenant', to: 'tenancy.tenant' }];
const owned = (kind: string): FieldRelation => ({ kind, fields: TENANT, type: 'OWNED_BY' });

const FIELD_RELATIONS: readonly FieldRelation[] = [
  ...['dcim.site', 'dcim.location', 'dcim.rack', 'dcim.device', 'dcim.powerfeed'].map(owned),
  ...['virtualization.cluster', 'virtualization.virtualmachine', 'circuits.circuit'].map(owned),
  { kind: 'dcim.location', fields: [{ field: 'parent', to: 'dcim.location' }, SITE], type: 'LOCATED_IN' },
  { kind: 'dcim.rack', fields: [LOCATION, SITE], type: 'LOCATED_IN' },
  { kind: 'dcim.device', fields: [{ field: 'rack', to: 'dcim.rack' }, LOCATION, SITE], type: 'LOCATED_IN' },
  { kind: 'dcim.powerpanel', fields: [LOCATION, SITE], type: 'LOCATED_IN' },
  { kind: 'dcim.powerfeed', fields: [{ field: 'power_panel', to: 'dcim.powerpanel' }], type: 'DEPENDS_ON' },
  // A rack has two feeds so that one is enough: primary and redundant.
  { kind: 'dcim.powerfeed', fields: [{ field: 'rack', to: 'dcim.rack' }], type: 'FEEDS', group: 'power' },
  { kind: 'virtualization.cluster', fields: [{ field: 'scope', to: 'dcim.site' }, SITE], type: 'LOCATED_IN' },
  {
    kind: 'virtualization.virtualmachine',
    fields: [
      { field: 'device', to: 'dcim.device' },
      { field: 'cluster', to: 'virtualization.cluster' },
    ],
    type: 'RUNS_ON',
  },
  // A cluster and a stack live as long as one of their members does.
  {
    kind: 'dcim.device',
    fields: [{ field: 'cluster', to: 'virtualization.cluster' }],
    type: 'RUNS_ON',
    reversed: true,
    group: 'members',
  },
  {
    kind: 'dcim.device',
    fields: [{ field: 'virtual_chassis', to: 'dcim.virtualchassis' }],
    type: 'RUNS_ON',
    reversed: true,
    group: 'members',
  },
  { kind: 'circuits.circuit', fields: [{ field: 'provider', to: 'circuits.provider' }], type: 'SUPPLIED_BY' },
  {
    kind: 'ipam.service',
    fields: [
      { field: 'device', to: 'dcim.device' },
      { field: 'virtual_machine', to: 'virtualization.virtualmachine' },
    ],
    type: 'RUNS_ON',
  },
];

/** Relations that the fields of objects tell. */
export function fieldRelations(
  objects: NetboxObjects,
  keys: CiKeys,
  note: (message: string, count: number) => void,
): RelationRow[] {
  const rows: RelationRow[] = [];
  for (const { kind, fields, type, reversed = false, group } of FIELD_RELATIONS) {
    for (const object of objects.of(kind)) {
      const told = fields.filter(({ field }) => isSet(scopeOf(objects, object, field)));
      const found = told.map(({ field, to }) => keys.of(objects.find(to, object.fields[field], object.fields.site)));
      // What no file here tells of may be in the graph since an earlier import.
      const other = found.find((key) => key !== undefined) ?? (told[0] && keyByReference(object, told[0]));
      const own = keys.of(object);
      if (own === undefined) continue;
      if (other === undefined) {
        if (told.length > 0) note(`NetBox: ${kind}: its ${told[0]!.field} is not among the files; left out.`, 1);
        continue;
      }
      const [from, to] = reversed ? [other, own] : [own, other];
      rows.push(relation(object, { from, type, to, sourceType: `${kind}.${told[0]!.field}`, group }));
    }
  }
  return [...rows, ...bays(objects, keys), ...contacts(objects, keys), ...parents(objects, keys)];
}

/** The key that the object referred to has, or would have had, in an import of its own. */
function keyByReference({ fields }: NetboxObject, { field, to }: { field: string; to: string }): string | undefined {
  const word = CI_KINDS.find(({ kind }) => kind === to)?.word;
  const value = fields[field];
  const reference = textOf(isRecord(value) ? value.id : value);
  return word === undefined || reference === undefined ? undefined : `${word}:${reference}`;
}

/**
 * Adds what objects only refer to, as far as the reference tells its name: the API writes sites, tenants and the like out
 * briefly with each object. Devices are left out, since a brief one does not tell its role.
 */
export function addBriefOnes(objects: NetboxObjects): void {
  for (const { kind, fields } of FIELD_RELATIONS) {
    for (const { file, line, fields: told } of [...objects.of(kind)]) {
      for (const { field, to } of fields) {
        const brief = told[field];
        const id = isRecord(brief) ? textOf(brief.id) : undefined;
        if (!isRecord(brief) || id === undefined || to === 'dcim.device' || field === 'scope') continue;
        if (nameOf({ file, line, kind: to, id, fields: brief }) !== undefined)
          objects.add({ file, line, kind: to, id, fields: brief });
      }
    }
  }
}

/** A field's value; of a scope, only where it is a site's. */
function scopeOf(objects: NetboxObjects, { fields }: NetboxObject, field: string): unknown {
  if (field !== 'scope') return fields[field];
  return contentType(objects, fields.scope_type) === 'dcim.site' ? (fields.scope ?? fields.scope_id) : undefined;
}

function isSet(value: unknown): boolean {
  return textOf(value) !== undefined || (isRecord(value) && Object.keys(value).length > 0);
}

/** A blade needs the chassis that it is put into. */
function bays(objects: NetboxObjects, keys: CiKeys): RelationRow[] {
  return objects.of('dcim.devicebay').flatMap((bay) => {
    const from = keys.of(objects.find('dcim.device', bay.fields.installed_device));
    const to = keys.of(objects.find('dcim.device', bay.fields.device));
    if (from === undefined || to === undefined) return [];
    return [relation(bay, { from, type: 'DEPENDS_ON', to, sourceType: bay.kind })];
  });
}

function contacts(objects: NetboxObjects, keys: CiKeys): RelationRow[] {
  return objects.of('tenancy.contactassignment').flatMap((assignment) => {
    const { fields } = assignment;
    const kind = contentType(objects, fields.object_type ?? fields.content_type);
    const id = textOf(fields.object_id) ?? (isRecord(fields.object) ? textOf(fields.object.id) : undefined);
    const from = kind === undefined || id === undefined ? undefined : keys.of(objects.byId(kind, id));
    const to = keys.of(objects.find('tenancy.contact', fields.contact));
    if (from === undefined || to === undefined) return [];
    const priority = textOf(isRecord(fields.priority) ? fields.priority.value : fields.priority) ?? '';
    const role = /second|tertiary|inactive/i.test(priority) ? 'deputy' : 'accountable';
    const row = relation(assignment, { from, type: 'OWNED_BY', to, sourceType: assignment.kind });
    return [{ ...row, attributes: { ...row.attributes, role } }];
  });
}

/** Since 4.3 a service names its parent by type and id. */
function parents(objects: NetboxObjects, keys: CiKeys): RelationRow[] {
  return objects.of('ipam.service').flatMap((service) => {
    const { fields } = service;
    const kind = contentType(objects, fields.parent_object_type);
    const id = textOf(fields.parent_object_id);
    const to = kind === undefined || id === undefined ? undefined : keys.of(objects.byId(kind, id));
    const from = keys.of(service);
    if (from === undefined || to === undefined) return [];
    return [relation(service, { from, type: 'RUNS_ON', to, sourceType: `${service.kind}.parent` })];
  });
}

export interface NetboxRelation {
  readonly from: string;
  readonly type: string;
  readonly to: string;
  readonly sourceType: string;
  readonly group?: string | undefined;
}

export function relation(
  { file, line }: { file: string; line: number },
  { group, ...rest }: NetboxRelation,
  attributes: Record<string, unknown> = {},
): RelationRow {
  return { file, line, ...rest, ...(group === undefined ? {} : { group }), attributes, loose: true };
}
