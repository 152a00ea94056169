import { ciTypeOf } from '../../../model/foreignNames.ts';
import { STARTING_MODEL } from '../../../model/startingModel.ts';
import type { NetboxObject, NetboxObjects } from './objects.ts';

/** A kind of NetBox's objects that are CIs here: its type, and the word that begins their keys. */
export interface CiKind {
  readonly kind: string;
  readonly word: string;
  readonly type: string;
}

/** Kinds that are CIs. The words are those under which NetBox's objects are commonly exported: `device:12`. */
export const CI_KINDS: readonly CiKind[] = [
  { kind: 'tenancy.tenant', word: 'tenant', type: 'team' },
  { kind: 'circuits.provider', word: 'provider', type: 'supplier' },
  { kind: 'dcim.site', word: 'site', type: 'site' },
  { kind: 'dcim.location', word: 'location', type: 'building' },
  { kind: 'dcim.rack', word: 'rack', type: 'rack' },
  { kind: 'dcim.powerpanel', word: 'power_panel', type: 'power_panel' },
  { kind: 'dcim.powerfeed', word: 'power_feed', type: 'power_feed' },
  { kind: 'dcim.device', word: 'device', type: 'network_device' },
  { kind: 'dcim.virtualchassis', word: 'virtual_chassis', type: 'cluster' },
  { kind: 'virtualization.cluster', word: 'cluster', type: 'cluster' },
  { kind: 'virtualization.virtualmachine', word: 'vm', type: 'vm' },
  { kind: 'circuits.circuit', word: 'circuit', type: 'circuit' },
  { kind: 'ipam.service', word: 'service', type: 'application' },
  { kind: 'tenancy.contact', word: 'contact', type: 'person' },
];

/** Kinds whose objects live on as something else, and what. */
export const FOLDED: Readonly<Record<string, string>> = {
  'circuits.circuittermination': 'ends of circuits, kept as relations',
  'circuits.circuittype': 'kept as names',
  'dcim.cable': 'kept as relations of the devices they join',
  'dcim.cabletermination': 'ends of cables, kept as relations',
  'dcim.consoleport': 'ports, kept with their devices',
  'dcim.consoleserverport': 'ports, kept with their devices',
  'dcim.devicebay': 'kept as relations of the devices in them',
  'dcim.devicerole': 'kept as names',
  'dcim.devicetype': 'kept as names',
  'dcim.frontport': 'ports, kept with their devices',
  'dcim.interface': 'ports, kept with their devices',
  'dcim.manufacturer': 'kept as names',
  'dcim.platform': 'kept as names',
  'dcim.poweroutlet': 'ports, kept with their devices',
  'dcim.powerport': 'ports, kept with their devices',
  'dcim.rackrole': 'kept as names',
  'dcim.rearport': 'ports, kept with their devices',
  'dcim.region': 'kept as names',
  'dcim.sitegroup': 'kept as names',
  'tenancy.contactassignment': 'kept as owners',
  'tenancy.contactrole': 'kept as names',
  'tenancy.tenantgroup': 'kept as names',
  'virtualization.clustergroup': 'kept as names',
  'virtualization.clustertype': 'kept as names',
  'virtualization.vminterface': 'ports, kept with their machines',
};

/** Kinds of NetBox's own that say nothing of what depends on what: templates, addresses, users, journals. */
const LEFT_OUT =
  /^(admin|auth|contenttypes|core|django_rq|extras|ipam|sessions|social_django|taggit|thumbnail|users|vpn|wireless)\.|^(dcim|tenancy|circuits|virtualization)\.(.*template|cablepath|contactgroup|inventoryitem.*|macaddress|module.*|provideraccount|providernetwork|rackreservation|racktype|virtualdevicecontext|virtualdisk|virtualcircuit.*|circuitgroup.*|devicetype.*)$/;

export function isLeftOut(kind: string): boolean {
  return LEFT_OUT.test(kind);
}

/** The CI type of an object: of a device, by its role. */
export function typeOfObject(objects: NetboxObjects, object: NetboxObject, ofKind: CiKind): string {
  if (object.kind !== 'dcim.device') return ofKind.type;
  return ciTypeOf(STARTING_MODEL, 'device', roleOf(objects, object)).type;
}

/** The name of a device's role. */
export function roleOf(objects: NetboxObjects, { fields }: NetboxObject): string | undefined {
  return objects.nameOf('dcim.devicerole', fields.role ?? fields.device_role);
}

/** How far up a role stands: what is below reaches the rest through what is above. */
const LEVELS: readonly { readonly role: RegExp; readonly level: number }[] = [
  { role: /patch|panel|pdu|ups|console/i, level: -1 },
  { role: /router|firewall|gateway|edge|wan/i, level: 5 },
  { role: /core|spine|backbone/i, level: 4 },
  { role: /distribution|aggregation/i, level: 3 },
  { role: /access|switch|tor\b|leaf/i, level: 2 },
];
const END_DEVICE_LEVEL = 1;

export function levelOf(role: string | undefined): number {
  return LEVELS.find((one) => one.role.test(role ?? ''))?.level ?? END_DEVICE_LEVEL;
}
