/**
 * CI types by the names of ServiceNow's classes, as `cmdb_ci_linux_server` or by their label, `Linux Server`. The first
 * pattern that fits counts, so that what runs on a server (`app_server`) is told from the server.
 * @see https://docs.servicenow.com CMDB classes, Common Service Data Model
 */
const CLASSES: readonly { readonly name: RegExp; readonly type: string }[] = [
  { name: /business_capability|business_process/, type: 'business_capability' },
  { name: /^service|_service(_|$)|service_offering|service_(auto|discovered|technical)/, type: 'business_service' },
  { name: /^(db|database|mssql|oracle|mysql|postgres|mongo|sql)(_|$)|_db_|db_instance/, type: 'database' },
  { name: /^(app|web)_server|appl|^web_|software|^spkg|endpoint|queue|^api|_app$|business_app/, type: 'application' },
  { name: /^cluster_node|cluster_host/, type: 'server' },
  { name: /cluster|resource_pool/, type: 'cluster' },
  { name: /container|docker|pod|kubernetes/, type: 'container' },
  { name: /^vm|virtual_machine|vm_instance|ec2_instance/, type: 'vm' },
  {
    name: /switch|router|firewall|netgear|network|^ip_|^lb|load_balancer|wap|access_point|vpn|wlan/,
    type: 'network_device',
  },
  { name: /plc|ot_control|scada|hmi/, type: 'plc' },
  { name: /sensor|ot_field/, type: 'sensor' },
  { name: /iot_gateway|^gateway/, type: 'gateway' },
  { name: /circuit/, type: 'circuit' },
  { name: /pdu|ups|power/, type: 'power_feed' },
  { name: /rack/, type: 'rack' },
  { name: /datacenter|data_center|building|location|computer_room/, type: 'building' },
  { name: /server|computer|mainframe|esx|hyper_v|storage|_san|^san|_nas|hardware|unix/, type: 'server' },
  { name: /machine|equipment|industrial|^ot(_|$)/, type: 'equipment' },
];

/** The CI type of a class, undefined when nothing tells. */
export function classOf(name: string): string | undefined {
  const plain = plainName(name).replace(/^(u_)?cmdb_ci_/, '');
  return CLASSES.find((one) => one.name.test(plain))?.type;
}

interface RelationMeaning {
  readonly type: string;
  /** The child is what the relation begins at. */
  readonly reversed?: boolean;
  readonly group?: string;
}

/** Relations by how the parent stands to the child. */
const BY_PARENT: Readonly<Record<string, RelationMeaning>> = {
  depends_on: { type: 'DEPENDS_ON' },
  uses: { type: 'DEPENDS_ON' },
  consumes: { type: 'DEPENDS_ON' },
  use_end_point_to: { type: 'DEPENDS_ON' },
  receives_data_from: { type: 'DEPENDS_ON' },
  used_by: { type: 'DEPENDS_ON', reversed: true },
  provides: { type: 'DEPENDS_ON', reversed: true },
  impacts: { type: 'DEPENDS_ON', reversed: true },
  sends_data_to: { type: 'DEPENDS_ON', reversed: true },
  runs_on: { type: 'RUNS_ON' },
  hosted_on: { type: 'RUNS_ON' },
  virtualized_by: { type: 'RUNS_ON' },
  instantiates: { type: 'RUNS_ON' },
  runs: { type: 'RUNS_ON', reversed: true },
  hosts: { type: 'RUNS_ON', reversed: true },
  virtualizes: { type: 'RUNS_ON', reversed: true },
  cluster_of: { type: 'RUNS_ON', group: 'members' },
  contains: { type: 'PART_OF', reversed: true },
  members: { type: 'PART_OF', reversed: true },
  contained_by: { type: 'PART_OF' },
  member_of: { type: 'PART_OF' },
  connects_to: { type: 'CONNECTED_TO' },
  connected_by: { type: 'CONNECTED_TO', reversed: true },
  powers: { type: 'POWERS' },
  powered_by: { type: 'POWERS', reversed: true },
  rack_contains: { type: 'LOCATED_IN', reversed: true },
  in_rack: { type: 'LOCATED_IN' },
  houses: { type: 'LOCATED_IN', reversed: true },
  located_in: { type: 'LOCATED_IN' },
  owns: { type: 'OWNED_BY', reversed: true },
  owned_by: { type: 'OWNED_BY' },
  monitors: { type: 'MONITORS' },
  supported_by: { type: 'SUPPORTED_BY' },
  supports: { type: 'SUPPORTED_BY', reversed: true },
};

/** What a type such as `Runs on::Runs` means here; undefined when nothing tells. */
export function relationOf(name: string): RelationMeaning | undefined {
  return BY_PARENT[plainName(name.split('::')[0]!)];
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}
