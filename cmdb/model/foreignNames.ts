import type { CmdbModel } from './cmdbModel.ts';
import { GENERIC_TYPE } from './startingModel.ts';

/** Names that other tools give to CI types. A row with `role` applies where the role of the CI matches. */
const TYPE_NAMES: readonly { readonly name: string; readonly role?: RegExp; readonly type: string }[] = [
  { name: 'device', role: /server|host|storage|hypervisor/i, type: 'server' },
  { name: 'device', role: /\b(pdu|ups)\b|power/i, type: 'power_feed' },
  { name: 'device', type: 'network_device' },
  { name: 'switch', type: 'network_device' },
  { name: 'router', type: 'network_device' },
  { name: 'firewall', type: 'network_device' },
  { name: 'virtual_machine', type: 'vm' },
  { name: 'virtualmachine', type: 'vm' },
  { name: 'vm_instance', type: 'vm' },
  { name: 'host', type: 'server' },
  { name: 'computer', type: 'server' },
  { name: 'hypervisor', type: 'server' },
  { name: 'pod', type: 'container' },
  { name: 'k8s_pod', type: 'container' },
  { name: 'node', role: /server|host/i, type: 'server' },
  { name: 'ec2_instance', type: 'vm' },
  { name: 'function', type: 'application' },
  { name: 'lambda', type: 'application' },
  { name: 'queue', type: 'application' },
  { name: 'message_queue', type: 'application' },
  { name: 'topic', type: 'application' },
  { name: 'cache', type: 'database' },
  { name: 'datastore', type: 'database' },
  { name: 'rds', type: 'database' },
  { name: 'load_balancer', type: 'network_device' },
  { name: 'loadbalancer', type: 'network_device' },
  { name: 'network', type: 'network_device' },
  { name: 'service', type: 'business_service' },
  { name: 'microservice', type: 'business_service' },
  { name: 'application_service', type: 'business_service' },
  { name: 'service_auto', type: 'business_service' },
  { name: 'app', type: 'application' },
  { name: 'appl', type: 'application' },
  { name: 'api', type: 'application' },
  { name: 'software', type: 'application' },
  { name: 'db', type: 'database' },
  { name: 'db_instance', type: 'database' },
  { name: 'resource', type: GENERIC_TYPE },
  { name: 'powerfeed', type: 'power_feed' },
  { name: 'powerpanel', type: 'power_panel' },
  { name: 'pdu', type: 'power_feed' },
  { name: 'ups', type: 'power_feed' },
  { name: 'location', type: 'building' },
  { name: 'region', type: 'site' },
  { name: 'machine', type: 'equipment' },
  { name: 'asset', type: 'equipment' },
  { name: 'tenant', type: 'team' },
  { name: 'organization', type: 'team' },
  { name: 'organisation', type: 'team' },
  { name: 'group', type: 'team' },
  { name: 'user', type: 'person' },
  { name: 'contact', type: 'person' },
  { name: 'provider', type: 'supplier' },
  { name: 'vendor', type: 'supplier' },
  { name: 'manufacturer', type: 'supplier' },
];

interface ForeignRelation {
  readonly name: string;
  readonly type: string;
  /** The foreign relation points the other way. */
  readonly reversed?: boolean;
  /** Only from CIs of this type, which then form a group when the file names none. */
  readonly fromType?: string;
  readonly group?: string;
}

const RELATION_NAMES: readonly ForeignRelation[] = [
  // A rack has two feeds so that one is enough: NetBox calls them primary and redundant.
  { name: 'SERVES', type: 'FEEDS', fromType: 'power_feed', group: 'power' },
  { name: 'SERVES', type: 'FEEDS' },
  { name: 'SUPPLIES', type: 'FEEDS' },
  { name: 'PROVIDES_TO', type: 'FEEDS' },
  { name: 'REQUIRES', type: 'DEPENDS_ON' },
  { name: 'NEEDS', type: 'DEPENDS_ON' },
  { name: 'USES', type: 'DEPENDS_ON' },
  { name: 'CALLS', type: 'DEPENDS_ON' },
  { name: 'READS_FROM', type: 'DEPENDS_ON' },
  { name: 'WRITES_TO', type: 'DEPENDS_ON' },
  { name: 'PUBLISHES_TO', type: 'DEPENDS_ON' },
  { name: 'SUBSCRIBES_TO', type: 'DEPENDS_ON' },
  { name: 'CONSUMES', type: 'DEPENDS_ON' },
  { name: 'CONSUMES_API', type: 'DEPENDS_ON' },
  { name: 'USED_BY', type: 'DEPENDS_ON', reversed: true },
  { name: 'DEPENDENCY_OF', type: 'DEPENDS_ON', reversed: true },
  { name: 'IMPACTS', type: 'DEPENDS_ON', reversed: true },
  { name: 'HOSTED_ON', type: 'RUNS_ON' },
  { name: 'HOSTED_BY', type: 'RUNS_ON' },
  { name: 'DEPLOYED_ON', type: 'RUNS_ON' },
  { name: 'VIRTUALIZED_BY', type: 'RUNS_ON' },
  { name: 'HOSTS', type: 'RUNS_ON', reversed: true },
  { name: 'RUNS', type: 'RUNS_ON', reversed: true },
  { name: 'MEMBER_OF', type: 'PART_OF' },
  { name: 'BELONGS_TO', type: 'PART_OF' },
  { name: 'CONTAINS', type: 'PART_OF', reversed: true },
  { name: 'HAS_PART', type: 'PART_OF', reversed: true },
  { name: 'POWERED_BY', type: 'POWERS', reversed: true },
  { name: 'CONNECTS_TO', type: 'CONNECTED_TO' },
  { name: 'CONNECTED_BY', type: 'CONNECTED_TO' },
  { name: 'LOCATED_AT', type: 'LOCATED_IN' },
  { name: 'INSTALLED_IN', type: 'LOCATED_IN' },
  { name: 'OWNER_OF', type: 'OWNED_BY', reversed: true },
  { name: 'OWNS', type: 'OWNED_BY', reversed: true },
  { name: 'MANAGED_BY', type: 'OWNED_BY' },
  { name: 'WATCHES', type: 'MONITORS' },
  { name: 'MONITORED_BY', type: 'MONITORS', reversed: true },
];

/** `Virtual Machine`, `virtualMachine`, `dcim.virtual-machine`, `cmdb_ci_virtual_machine` are all one name. */
function plainName(name: string): string {
  return name
    .trim()
    .replace(/^.*\./, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
    .replace(/^(cmdb_ci|u_cmdb_ci)_(?=.)/, '');
}

/** The CI type that a foreign name stands for; the generic one, and `known: false`, when nothing tells. */
export function ciTypeOf(model: CmdbModel, name: string, role: unknown): { type: string; known: boolean } {
  const plain = plainName(name);
  if (model.isConcrete(plain)) return { type: plain, known: true };
  const row = TYPE_NAMES.find(
    (one) => one.name === plain && (one.role === undefined || (typeof role === 'string' && one.role.test(role))),
  );
  return row === undefined ? { type: GENERIC_TYPE, known: false } : { type: row.type, known: true };
}

export interface RelationMeaning {
  readonly type: string;
  readonly reversed: boolean;
  readonly group: string | null;
  readonly known: boolean;
}

/** What a foreign relation means between two CIs; `RELATED_TO`, and `known: false`, when nothing tells. */
export function relationMeaning(model: CmdbModel, name: string, fromType: string | undefined): RelationMeaning {
  // ServiceNow writes both readings: "Depends on::Used by".
  const plain = plainName(name.split('::')[0]!).toUpperCase();
  if (model.relationType(plain) !== undefined) return { type: plain, reversed: false, group: null, known: true };
  const row = RELATION_NAMES.find(
    (one) => one.name === plain && (one.fromType === undefined || one.fromType === fromType),
  );
  if (row === undefined) return { type: 'RELATED_TO', reversed: false, group: null, known: false };
  return { type: row.type, reversed: row.reversed ?? false, group: row.group ?? null, known: true };
}
