import { isRecord, textOf } from '../sourceFile.ts';
import { type NetboxObject, type NetboxObjects, referenceText } from './objects.ts';

/** One end of a cable: what it is plugged into, and whose that is. */
export interface CableEnd {
  /** `dcim.interface`, `dcim.powerport`, … */
  readonly kind: string;
  readonly id: string | undefined;
  /** The device, circuit or power feed. */
  readonly owner: NetboxObject;
}

export interface Cable {
  readonly object: NetboxObject;
  readonly a: readonly CableEnd[];
  readonly b: readonly CableEnd[];
}

/** All cables whose both ends are known. Since 3.3 ends are many and stand apart in dumps, before they were two fields. */
export function cablesOf(objects: NetboxObjects): { cables: Cable[]; loose: number } {
  const apart = terminationsByCable(objects);
  const cables: Cable[] = [];
  let loose = 0;
  for (const object of objects.of('dcim.cable')) {
    const ends = (side: 'a' | 'b') =>
      [...toldEnds(objects, object, side), ...(apart.get(`${object.id} ${side}`) ?? [])].filter((end) => end !== null);
    const [a, b] = [ends('a'), ends('b')];
    if (a.length === 0 || b.length === 0) loose++;
    else cables.push({ object, a, b });
  }
  return { cables, loose };
}

function terminationsByCable(objects: NetboxObjects): Map<string, (CableEnd | null)[]> {
  const ends = new Map<string, (CableEnd | null)[]>();
  for (const { fields } of objects.of('dcim.cabletermination')) {
    const key = `${referenceText(fields.cable)} ${textOf(fields.cable_end)?.toLowerCase()}`;
    const end = endOf(objects, fields.termination_type, fields.termination_id, fields.termination);
    ends.set(key, [...(ends.get(key) ?? []), end]);
  }
  return ends;
}

/** The ends that a cable itself tells: in the API's lists, in the fields of older versions, in the columns of tables. */
function toldEnds(objects: NetboxObjects, { fields }: NetboxObject, side: 'a' | 'b'): (CableEnd | null)[] {
  const list = fields[`${side}_terminations`];
  if (Array.isArray(list)) {
    return list.filter(isRecord).map((one) => endOf(objects, one.object_type, one.object_id, one.object));
  }
  const type = fields[`termination_${side}_type`];
  if (type !== undefined) {
    return [endOf(objects, type, fields[`termination_${side}_id`], fields[`termination_${side}`])];
  }
  const device = fields[`side_${side}_device`] ?? fields[`device_${side}`];
  const owner = objects.find('dcim.device', device);
  if (owner === undefined) return [];
  return [{ kind: textOf(fields[`side_${side}_type`])?.toLowerCase() ?? 'dcim.interface', id: undefined, owner }];
}

/** @param type content type: `dcim.interface`, `['dcim', 'interface']`, or its number where the dump has the types */
function endOf(objects: NetboxObjects, type: unknown, reference: unknown, nested: unknown): CableEnd | null {
  const kind = contentType(objects, type);
  const id = textOf(reference) ?? (isRecord(nested) ? textOf(nested.id) : undefined);
  if (kind === undefined || id === undefined) return null;
  const port = objects.byId(kind, id);
  const owner = ownerOf(objects, kind, port, nested);
  return owner === undefined ? null : { kind, id, owner };
}

/** What a port belongs to: by its own record, or by what the cable's record tells of it. */
function ownerOf(
  objects: NetboxObjects,
  kind: string,
  port: NetboxObject | undefined,
  nested: unknown,
): NetboxObject | undefined {
  if (kind === 'dcim.powerfeed') return port ?? objects.find(kind, nested);
  const fields = port?.fields ?? (isRecord(nested) ? nested : {});
  if (kind === 'circuits.circuittermination') return objects.find('circuits.circuit', fields.circuit);
  return objects.find('dcim.device', fields.device);
}

/** `app.model` of a content type, however it is written. */
export function contentType(objects: NetboxObjects, type: unknown): string | undefined {
  if (Array.isArray(type)) return type.join('.').toLowerCase();
  const text = textOf(type)?.toLowerCase();
  if (text === undefined || text.includes('.')) return text;
  const row = objects.byId('contenttypes.contenttype', text)?.fields;
  return row === undefined ? undefined : `${textOf(row.app_label)}.${textOf(row.model)}`;
}
