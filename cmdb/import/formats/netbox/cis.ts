import type { CiRow } from '../../rows.ts';
import { isRecord, textOf } from '../sourceFile.ts';
import { CI_KINDS, type CiKind, FOLDED, isLeftOut, roleOf, typeOfObject } from './kinds.ts';
import { type NetboxObject, type NetboxObjects, nameOf } from './objects.ts';

/** Attributes by NetBox's names, where ours is another or the value is a reference whose name is wanted. */
const NAMED: Readonly<Record<string, { readonly as: string; readonly kind?: string }>> = {
  serial: { as: 'serialNumber' },
  asset_tag: { as: 'assetTag' },
  device_type: { as: 'model', kind: 'dcim.devicetype' },
  manufacturer: { as: 'manufacturer', kind: 'dcim.manufacturer' },
  platform: { as: 'platform', kind: 'dcim.platform' },
  region: { as: 'region', kind: 'dcim.region' },
  u_height: { as: 'heightUnits' },
  vcpus: { as: 'vcpus' },
  memory: { as: 'memoryMb' },
  disk: { as: 'disk' },
  primary_ip: { as: 'primaryIp', kind: 'ipam.ipaddress' },
  primary_ip4: { as: 'primaryIp', kind: 'ipam.ipaddress' },
  facility: { as: 'facility' },
  description: { as: 'description' },
  comments: { as: 'comments' },
  position: { as: 'rackPosition' },
  voltage: { as: 'voltage' },
  amperage: { as: 'amperage' },
  phase: { as: 'phase' },
  supply: { as: 'supply' },
  commit_rate: { as: 'commitRateKbps' },
  email: { as: 'email' },
  phone: { as: 'phone' },
  title: { as: 'title' },
  physical_address: { as: 'address' },
  latitude: { as: 'latitude' },
  longitude: { as: 'longitude' },
  ports: { as: 'ports' },
  protocol: { as: 'protocol' },
};

/** Kinds that are CIs and what was made of their objects. */
export interface CiKeys {
  /** The key of an object; undefined when the object is none here. */
  of(object: NetboxObject | undefined): string | undefined;
}

/** CIs of all objects that are some, unknown kinds as generic ones; `note` tells what became of the others. */
export function netboxCis(
  objects: NetboxObjects,
  note: (message: string, count: number) => void,
): { cis: CiRow[]; keys: CiKeys } {
  const keys = new Map<NetboxObject, string>();
  const cis: CiRow[] = [];
  for (const kind of objects.kinds()) {
    const all = objects.of(kind);
    const ofKind = CI_KINDS.find((one) => one.kind === kind) ?? unknownKind(kind);
    if (ofKind === undefined) {
      const app = kind.slice(0, kind.indexOf('.'));
      const what = FOLDED[kind] ?? `objects of ${app} that are no CIs (housekeeping, templates, addressing); left out`;
      note(`NetBox: ${what}.`, all.length);
      continue;
    }
    const taken = new Set<string>();
    const shared = sharedNames(all);
    for (const object of all) {
      const key = keyOf(objects, object, ofKind, taken, shared);
      if (key === undefined) {
        note(`NetBox: ${kind} without id and name; left out.`, 1);
        continue;
      }
      taken.add(key);
      keys.set(object, key);
      cis.push(ciRow(objects, object, ofKind, key));
    }
  }
  return { cis, keys: { of: (object) => (object === undefined ? undefined : keys.get(object)) } };
}

/** A kind that nobody knows here, of a plugin say: it becomes a generic CI, and the import tells of it. */
function unknownKind(kind: string): CiKind | undefined {
  if (kind in FOLDED || isLeftOut(kind)) return undefined;
  return { kind, word: kind.slice(kind.indexOf('.') + 1), type: kind };
}

/** `device:12`; in tables without ids the name, with the site where names repeat, in that file or anywhere. */
function keyOf(
  objects: NetboxObjects,
  object: NetboxObject,
  { word, kind }: CiKind,
  taken: ReadonlySet<string>,
  shared: ReadonlySet<string>,
): string | undefined {
  // People are known by their address: the same person stands in several exports.
  const email = textOf(object.fields.email);
  if (kind === 'tenancy.contact' && email !== undefined) return `person:${email.toLowerCase()}`;
  if (object.id !== null) return `${word}:${object.id}`;
  const name = nameOf(object);
  if (name === undefined) return undefined;
  const site = objects.nameOf('dcim.site', object.fields.site);
  const key = shared.has(name) && site !== undefined ? `${word}:${site}/${name}` : `${word}:${name}`;
  return taken.has(key) ? undefined : key;
}

/** Names that several objects have. */
function sharedNames(all: readonly NetboxObject[]): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of all.map(nameOf)) {
    if (name === undefined) continue;
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}

function ciRow(objects: NetboxObjects, object: NetboxObject, ofKind: CiKind, key: string): CiRow {
  const { file, line, fields } = object;
  const status = textOf(choice(fields.status))?.toLowerCase();
  return {
    file,
    line,
    key,
    type: typeOfObject(objects, object, ofKind),
    // A kind that nobody knows is left for the table of names to judge.
    ...(ofKind.type === object.kind ? {} : { sourceType: object.kind }),
    name: nameOf(object) ?? key,
    ...(status === undefined ? {} : { status }),
    attributes: attributesOf(objects, object),
  };
}

function attributesOf(objects: NetboxObjects, object: NetboxObject): Record<string, unknown> {
  const { fields, kind } = object;
  const attributes = new Map<string, unknown>();
  for (const [field, { as, kind: of }] of Object.entries(NAMED)) {
    const value = of === undefined ? scalar(choice(fields[field])) : referenceName(objects, of, fields[field]);
    if (value !== undefined) attributes.set(as, value);
  }
  const role = roleOf(objects, object);
  if (role !== undefined) attributes.set('role', role);
  const feed = kind === 'dcim.powerfeed' ? textOf(choice(fields.type)) : undefined;
  if (feed !== undefined) attributes.set('feedType', feed.toLowerCase());
  const site = objects.nameOf('dcim.site', fields.site);
  if (site !== undefined) attributes.set('site', site);
  const custom = fields.custom_fields ?? fields.custom_field_data;
  for (const [name, value] of isRecord(custom) ? Object.entries(custom) : []) {
    if (value !== null && value !== '' && !attributes.has(name)) attributes.set(name, value);
  }
  return Object.fromEntries(attributes);
}

function referenceName(objects: NetboxObjects, kind: string, reference: unknown): string | undefined {
  if (kind !== 'ipam.ipaddress') return objects.nameOf(kind, reference);
  const address =
    objects.find(kind, reference)?.fields.address ?? (isRecord(reference) ? reference.address : reference);
  const text = textOf(address);
  return text !== undefined && /[.:]/.test(text) ? text : undefined;
}

/** The API writes choices as `{value, label}`. */
function choice(value: unknown): unknown {
  return isRecord(value) && value.value !== undefined ? value.value : value;
}

function scalar(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return textOf(value);
}
