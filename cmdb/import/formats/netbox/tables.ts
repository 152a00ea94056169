import { tableRecords } from '../../csvRecords.ts';
import type { NetboxObject } from './objects.ts';

/** What the columns of a table must hold for it to be NetBox's list of a kind: all of `all`, one of each of `some`. */
interface TableShape {
  readonly kind: string;
  readonly all: readonly string[];
  readonly some: readonly (readonly string[])[];
}

/**
 * NetBox's tables as its list pages export them, and as its import pages take them; the first that fits counts.
 * @see https://docs.netbox.dev/en/stable/getting-started/populating-data/
 */
const SHAPES: readonly TableShape[] = [
  {
    kind: 'dcim.cable',
    all: [],
    some: [
      ['side_a_device', 'device_a', 'termination_a'],
      ['side_b_device', 'device_b', 'termination_b'],
    ],
  },
  {
    kind: 'dcim.device',
    all: ['name', 'site'],
    some: [
      ['role', 'device_role'],
      ['manufacturer', 'device_type'],
      ['rack', 'location', 'platform', 'face', 'position', 'ip_address', 'asset_tag'],
    ],
  },
  {
    kind: 'virtualization.virtualmachine',
    all: ['name', 'cluster'],
    some: [['vcpus', 'memory', 'memory_(mb)', 'ip_address', 'primary_ip4', 'platform']],
  },
  { kind: 'dcim.interface', all: ['device', 'name'], some: [['enabled', 'mgmt_only', 'management_only', 'mtu']] },
  {
    kind: 'dcim.powerfeed',
    all: ['power_panel', 'name'],
    some: [['voltage', 'amperage', 'supply', 'phase', 'max_utilization']],
  },
  { kind: 'dcim.powerpanel', all: ['name', 'site'], some: [['power_feeds', 'power_feed_count', 'feeds']] },
  { kind: 'dcim.rack', all: ['name', 'site'], some: [['u_height', 'height', 'width', 'facility_id']] },
  { kind: 'circuits.circuit', all: ['provider'], some: [['cid', 'circuit_id']] },
  {
    kind: 'virtualization.cluster',
    all: ['name', 'type'],
    some: [['device_count', 'vm_count', 'devices', 'vms', 'virtual_machines', 'host_devices']],
  },
  { kind: 'dcim.site', all: ['name', 'region'], some: [['facility', 'time_zone', 'asns', 'physical_address']] },
  { kind: 'dcim.location', all: ['name', 'site', 'parent'], some: [['slug', 'racks', 'rack_count', 'devices']] },
];

/** Names under which tables have the fields that the API calls otherwise. */
const FIELDS: Readonly<Record<string, string>> = {
  circuit_id: 'cid',
  device_role: 'role',
  serial_number: 'serial',
  panel: 'power_panel',
  ip_address: 'primary_ip',
};

/** The kind of objects whose table has these columns; undefined when it is none of NetBox's. */
export function kindOfTable(columns: readonly string[]): string | undefined {
  const fits = ({ all, some }: TableShape) =>
    all.every((name) => columns.includes(name)) && some.every((names) => names.some((name) => columns.includes(name)));
  return SHAPES.find(fits)?.kind;
}

export function objectsOfTable(file: string, text: string, kind: string): NetboxObject[] {
  return tableRecords(file, text).map(({ line, cells }) => {
    const fields: Record<string, unknown> = {};
    for (const [column, cell] of cells) if (cell !== '—') fields[FIELDS[column] ?? column] = cell;
    return { file, line, kind, id: cells.get('id') ?? null, fields };
  });
}
