/** What iTop's classes are here, of its standard data model and its extensions. */
export const CLASSES: Readonly<Record<string, string>> = {
  Server: 'server',
  Hypervisor: 'server',
  NetworkDevice: 'network_device',
  SANSwitch: 'network_device',
  StorageSystem: 'server',
  NAS: 'server',
  TapeLibrary: 'server',
  Rack: 'rack',
  Enclosure: 'rack',
  PowerSource: 'power_panel',
  PDU: 'power_feed',
  PC: 'server',
  Farm: 'cluster',
  VirtualMachine: 'vm',
  ContainerCluster: 'cluster',
  ContainerHost: 'server',
  ContainerApplication: 'application',
  DBServer: 'application',
  Middleware: 'application',
  WebServer: 'application',
  PCSoftware: 'application',
  OtherSoftware: 'application',
  MiddlewareInstance: 'application',
  WebApplication: 'application',
  DatabaseSchema: 'database',
  ApplicationSolution: 'business_service',
  BusinessProcess: 'business_capability',
  Service: 'business_service',
  Location: 'building',
  Organization: 'team',
  Team: 'team',
  Person: 'person',
  CustomerContract: 'contract',
  ProviderContract: 'contract',
  Contract: 'contract',
  LogicalVolume: 'configuration_item',
  NASFileSystem: 'configuration_item',
  Group: 'configuration_item',
};

/** Classes whose ids are counted together with others': a reference names the common ancestor. */
const ANCESTORS: Readonly<Record<string, string>> = {
  Person: 'Contact',
  Team: 'Contact',
  Organization: 'Organization',
  Location: 'Location',
  Service: 'Service',
  CustomerContract: 'Contract',
  ProviderContract: 'Contract',
  Contract: 'Contract',
  LogicalVolume: 'LogicalVolume',
  NASFileSystem: 'NASFileSystem',
  Group: 'Group',
  Brand: 'Typology',
  Model: 'Typology',
  OSFamily: 'Typology',
  OSVersion: 'Typology',
  IOSVersion: 'Typology',
  NetworkDeviceType: 'Typology',
  ContactType: 'Typology',
  ContractType: 'Typology',
  DocumentType: 'Typology',
  ServiceFamily: 'ServiceFamily',
  Software: 'Software',
};

/** Classes that only name things or belong to other parts of iTop. */
export const LEFT_OUT =
  /^(Brand|Model|OSFamily|OSVersion|IOSVersion|NetworkDeviceType|\w+Type|Software|Patch|\w+Patch|\w*Licence|Document\w*|ServiceFamily|ServiceSubcategory|SLA|SLT|DeliveryModel|CoverageWindow|Subnet|VLAN|\w*Interface|Tape|User\w*|FAQ\w*|Change\w*|Incident|Problem|UserRequest|Ticket|WorkOrder|KnownError)$/;

export function ancestorOf(className: string): string {
  return ANCESTORS[className] ?? (LEFT_OUT.test(className) ? className : 'FunctionalCI');
}

export interface KeyMeaning {
  /** The class that the field refers to, or an ancestor of it. */
  readonly to: string;
  /** Undefined for fields whose name alone is kept. */
  readonly type?: string;
  readonly reversed?: boolean;
  readonly group?: string;
  readonly role?: string;
  /** Only where this field is not set. */
  readonly unless?: string;
}

/** External keys of classes, and the relation that they are. */
export const KEYS: Readonly<Record<string, KeyMeaning>> = {
  org_id: { to: 'Organization', type: 'OWNED_BY', role: 'accountable' },
  location_id: { to: 'Location', type: 'LOCATED_IN', unless: 'rack_id' },
  rack_id: { to: 'FunctionalCI', type: 'LOCATED_IN' },
  enclosure_id: { to: 'FunctionalCI', type: 'DEPENDS_ON' },
  powerA_id: { to: 'FunctionalCI', type: 'DEPENDS_ON', group: 'power supply' },
  powerB_id: { to: 'FunctionalCI', type: 'DEPENDS_ON', group: 'power supply' },
  powerstart_id: { to: 'FunctionalCI', type: 'DEPENDS_ON' },
  system_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  middleware_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  dbserver_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  webserver_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  virtualhost_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  server_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  farm_id: { to: 'FunctionalCI', type: 'RUNS_ON', reversed: true, group: 'members' },
  containerhost_id: { to: 'FunctionalCI', type: 'RUNS_ON' },
  containercluster_id: { to: 'FunctionalCI', type: 'RUNS_ON', reversed: true, group: 'members' },
  storagesystem_id: { to: 'FunctionalCI', type: 'DEPENDS_ON' },
  nas_id: { to: 'FunctionalCI', type: 'DEPENDS_ON' },
  provider_id: { to: 'Organization', type: 'SUPPLIED_BY' },
  parent_id: { to: 'Organization', type: 'PART_OF' },
  manager_id: { to: 'Contact' },
  brand_id: { to: 'Typology' },
  model_id: { to: 'Typology' },
  osfamily_id: { to: 'Typology' },
  osversion_id: { to: 'Typology' },
  networkdevicetype_id: { to: 'Typology' },
};

/** Classes that do nothing but tie two others together. */
export const LINKS: Readonly<
  Record<string, { from: string; type: string; to: string; group?: string; role?: string }>
> = {
  lnkApplicationSolutionToFunctionalCI: { from: 'applicationsolution_id', type: 'DEPENDS_ON', to: 'functionalci_id' },
  lnkApplicationSolutionToBusinessProcess: {
    from: 'businessprocess_id',
    type: 'DEPENDS_ON',
    to: 'applicationsolution_id',
  },
  lnkFunctionalCIToService: { from: 'service_id', type: 'DEPENDS_ON', to: 'functionalci_id' },
  // One of several switches is enough.
  lnkConnectableCIToNetworkDevice: {
    from: 'connectableci_id',
    type: 'CONNECTED_TO',
    to: 'networkdevice_id',
    group: 'uplink',
  },
  lnkSanToDatacenterDevice: {
    from: 'datacenterdevice_id',
    type: 'CONNECTED_TO',
    to: 'san_id',
    group: 'storage network',
  },
  lnkVirtualDeviceToVolume: { from: 'virtualdevice_id', type: 'DEPENDS_ON', to: 'volume_id' },
  lnkServerToVolume: { from: 'server_id', type: 'DEPENDS_ON', to: 'volume_id' },
  lnkContactToFunctionalCI: { from: 'functionalci_id', type: 'OWNED_BY', to: 'contact_id', role: 'accountable' },
  lnkContactToService: { from: 'service_id', type: 'OWNED_BY', to: 'contact_id', role: 'accountable' },
  lnkContactToContract: { from: 'contract_id', type: 'OWNED_BY', to: 'contact_id', role: 'accountable' },
  lnkPersonToTeam: { from: 'person_id', type: 'PART_OF', to: 'team_id' },
  lnkFunctionalCIToProviderContract: { from: 'functionalci_id', type: 'SUPPORTED_BY', to: 'providercontract_id' },
  lnkProviderContractToService: { from: 'service_id', type: 'SUPPORTED_BY', to: 'providercontract_id' },
  lnkCustomerContractToService: { from: 'customercontract_id', type: 'RELATED_TO', to: 'service_id' },
};

/** What the fields of link classes refer to, where it is no functional CI. */
export const LINK_ENDS: Readonly<Record<string, string>> = {
  service_id: 'Service',
  contact_id: 'Contact',
  person_id: 'Contact',
  team_id: 'Contact',
  contract_id: 'Contract',
  providercontract_id: 'Contract',
  customercontract_id: 'Contract',
  volume_id: 'LogicalVolume',
  group_id: 'Group',
};
