import { expect, it } from 'vitest';
import { STARTING_MODEL } from '../../../model/startingModel.ts';
import { understand } from '../../understand.ts';
import { readFiles } from '../readFiles.ts';

const read = async (...texts: (string | object)[]) => {
  const files = texts.map((text, at) => ({
    name: `f${at}`,
    text: typeof text === 'string' ? text : JSON.stringify(text),
  }));
  const rows = await readFiles(files);
  expect(rows.formats.every(({ format }) => format === 'NetBox')).toBe(true);
  const { changes, warnings } = understand(STARTING_MODEL, rows, new Map());
  const edges = changes.relations.map(
    ({ from, type, to, group }) => `${from} ${type} ${to}${group ? ` [${group}]` : ''}`,
  );
  return { cis: new Map(changes.cis.map((ci) => [ci.key, ci])), edges: edges.sort(), warnings };
};
const row = (model: string, pk: number, fields: object) => ({ model, pk, fields });

it('reads a dump: types by role, racks between two feeds, one of two supplies, clusters of several hosts', async () => {
  const { cis, edges, warnings } = await read([
    row('dcim.site', 1, { name: 'Plant', tenant: null }),
    row('dcim.rack', 1, { name: 'R1', site: 1 }),
    row('dcim.powerpanel', 1, { name: 'P', site: 1 }),
    row('dcim.powerfeed', 1, { name: 'A', power_panel: 1, rack: 1, type: 'primary' }),
    row('dcim.powerfeed', 2, { name: 'B', power_panel: 1, rack: 1, type: 'redundant' }),
    row('dcim.devicerole', 1, { name: 'Application Server' }),
    row('dcim.devicerole', 2, { name: 'PDU' }),
    row('dcim.device', 1, { name: 'esx1', role: 1, rack: 1, site: 1, cluster: 1, serial: 'S-1', asset_tag: null }),
    row('dcim.device', 2, { name: 'pdu-a', role: 2, rack: 1, site: 1 }),
    row('dcim.device', 3, { name: 'pdu-b', role: 2, rack: 1, site: 1 }),
    row('virtualization.cluster', 1, { name: 'C', scope_type: ['dcim', 'site'], scope_id: 1 }),
    row('virtualization.virtualmachine', 9, { name: 'vm9', cluster: 1, status: 'active' }),
    row('dcim.powerport', 1, { device: 1, name: 'PSU0' }),
    row('dcim.powerport', 2, { device: 1, name: 'PSU1' }),
    row('dcim.poweroutlet', 1, { device: 2, name: 'O1' }),
    row('dcim.poweroutlet', 2, { device: 3, name: 'O1' }),
    row('dcim.cable', 1, {}),
    row('dcim.cable', 2, {}),
    row('dcim.cabletermination', 1, {
      cable: 1,
      cable_end: 'A',
      termination_type: ['dcim', 'powerport'],
      termination_id: 1,
    }),
    row('dcim.cabletermination', 2, {
      cable: 1,
      cable_end: 'B',
      termination_type: ['dcim', 'poweroutlet'],
      termination_id: 1,
    }),
    // Before 3.3 a cable told its ends itself.
    row('dcim.cable', 3, {
      termination_a_type: ['dcim', 'poweroutlet'],
      termination_a_id: 2,
      termination_b_type: ['dcim', 'powerport'],
      termination_b_id: 2,
    }),
    row('ipam.prefix', 1, { prefix: '10.0.0.0/8' }),
    row('netbox_dns.zone', 1, { name: 'plant.example' }),
  ]);
  expect(cis.get('device:1')).toMatchObject({
    type: 'server',
    name: 'esx1',
    attributes: { serialNumber: 'S-1', site: 'Plant', role: 'Application Server' },
  });
  expect(cis.get('device:2')).toMatchObject({ type: 'power_feed' });
  expect(cis.get('zone:1')).toMatchObject({
    type: 'configuration_item',
    attributes: { sourceType: 'netbox_dns.zone' },
  });
  expect(edges).toEqual([
    'cluster:1 RUNS_ON device:1 [members]',
    'device:1 DEPENDS_ON device:2 [power supply]',
    'device:1 DEPENDS_ON device:3 [power supply]',
    'device:1 LOCATED_IN rack:1',
    'device:2 LOCATED_IN rack:1',
    'device:3 LOCATED_IN rack:1',
    'power_feed:1 DEPENDS_ON power_panel:1',
    'power_feed:1 FEEDS rack:1 [power]',
    'power_feed:2 DEPENDS_ON power_panel:1',
    'power_feed:2 FEEDS rack:1 [power]',
    'power_panel:1 LOCATED_IN site:1',
    'rack:1 LOCATED_IN site:1',
    'vm:9 RUNS_ON cluster:1',
  ]);
  const told = warnings.map(({ message }) => message).join('\n');
  expect(told).toContain('objects of ipam that are no CIs');
  expect(told).toContain('netbox_dns.zone');
  expect(told).toContain('cables one end of which is not among the files');
});

it('follows cables through patch panels strand by strand, and through circuits', async () => {
  const port = (kind: string, pk: number, device: number, more = {}) => row(`dcim.${kind}`, pk, { device, ...more });
  const cable = (pk: number, a: [string, number], b: [string, number]) =>
    row('dcim.cable', pk, {
      termination_a_type: a[0].split('.'),
      termination_a_id: a[1],
      termination_b_type: b[0].split('.'),
      termination_b_id: b[1],
    });
  const device = (pk: number, role: number) => row('dcim.device', pk, { name: `d${pk}`, role });
  const { edges } = await read([
    row('dcim.devicerole', 1, { name: 'Access Switch' }),
    row('dcim.devicerole', 2, { name: 'Core Switch' }),
    row('dcim.devicerole', 3, { name: 'Patch Panel' }),
    ...[1, 2].map((pk) => device(pk, 1)),
    ...[3, 4].map((pk) => device(pk, 2)),
    ...[5, 6].map((pk) => device(pk, 3)),
    ...[1, 2, 3, 4].map((pk) => port('interface', pk, pk)),
    port('rearport', 5, 5),
    port('rearport', 6, 6),
    port('frontport', 51, 5, { rear_port: 5, rear_port_position: 1 }),
    port('frontport', 52, 5, { rear_port: 5, rear_port_position: 2 }),
    port('frontport', 61, 6, { rear_port: 6, rear_port_position: 1 }),
    port('frontport', 62, 6, { rear_port: 6, rear_port_position: 2 }),
    row('circuits.circuit', 1, { cid: 'DARK-1' }),
    row('circuits.circuittermination', 1, { circuit: 1, term_side: 'A' }),
    row('circuits.circuittermination', 2, { circuit: 1, term_side: 'Z' }),
    cable(1, ['dcim.interface', 1], ['dcim.frontport', 51]),
    cable(2, ['dcim.interface', 2], ['dcim.frontport', 52]),
    cable(3, ['dcim.rearport', 5], ['circuits.circuittermination', 1]),
    cable(4, ['circuits.circuittermination', 2], ['dcim.rearport', 6]),
    cable(5, ['dcim.frontport', 61], ['dcim.interface', 3]),
    cable(6, ['dcim.frontport', 62], ['dcim.interface', 4]),
  ]);
  expect(edges).toEqual([
    'device:1 CONNECTED_TO circuit:1',
    'device:1 CONNECTED_TO device:3',
    'device:1 CONNECTED_TO device:5',
    'device:1 CONNECTED_TO device:6',
    'device:2 CONNECTED_TO circuit:1',
    'device:2 CONNECTED_TO device:4',
    'device:2 CONNECTED_TO device:5',
    'device:2 CONNECTED_TO device:6',
  ]);
});

it('reads pages of the API, whose objects nest what they refer to', async () => {
  const url = (path: string) => `https://netbox.example/api/${path}/`;
  const device = (id: number, role: string) => ({
    id,
    url: url(`dcim/devices/${id}`),
    name: `sw${id}`,
    role: { id: id + 100, name: role },
    site: { id: 1, name: 'HQ' },
    status: { value: 'active', label: 'Active' },
    tenant: null,
  });
  const end = (id: number, owner: number) => ({
    object_type: 'dcim.interface',
    object_id: id,
    object: { id, url: url(`dcim/interfaces/${id}`), device: { id: owner, name: `sw${owner}` } },
  });
  const { cis, edges } = await read(
    { count: 2, next: null, previous: null, results: [device(1, 'Access Switch'), device(2, 'Core Switch')] },
    { sites: [{ id: 1, url: url('dcim/sites/1'), name: 'HQ' }] },
    [{ id: 7, url: url('dcim/cables/7'), a_terminations: [end(11, 2)], b_terminations: [end(12, 1)] }],
  );
  expect(cis.get('device:1')).toMatchObject({ type: 'network_device', status: 'active', attributes: { site: 'HQ' } });
  expect(edges).toEqual(['device:1 CONNECTED_TO device:2', 'device:1 LOCATED_IN site:1', 'device:2 LOCATED_IN site:1']);
});

it('reads tables, which refer by name: of racks with one name, the one of the same site', async () => {
  const { cis, edges } = await read(
    'Name,Site,Role,Manufacturer,Type,Rack,Status\nsrv1,East,Server,Dell,R640,R1,Active\nsrv2,West,Server,Dell,R640,R1,Active\n',
    'ID,Name,Site,Status,Height\n,R1,East,Active,42U\n,R1,West,Active,42U\n',
    'Side A device,Side A type,Side A name,Side B device,Side B type,Side B name\nsrv1,dcim.interface,eth0,srv2,dcim.interface,eth0\n',
  );
  expect(cis.get('device:srv1')).toMatchObject({ type: 'server', status: 'active', attributes: { site: 'East' } });
  expect(edges).toEqual([
    'device:srv1 LOCATED_IN rack:East/R1',
    'device:srv1 RELATED_TO device:srv2',
    'device:srv2 LOCATED_IN rack:West/R1',
  ]);
});

it('takes what objects only refer to: brief ones become CIs, a device, whose role is not told, does not', async () => {
  const { cis, edges } = await read({
    count: 1,
    next: null,
    previous: null,
    results: [
      {
        id: 7,
        url: 'https://netbox.example.org/api/virtualization/virtual-machines/7/',
        name: 'vm7',
        status: { value: 'active', label: 'Active' },
        cluster: { id: 3, url: 'https://netbox.example.org/api/virtualization/clusters/3/', name: 'C3' },
        device: { id: 5, url: 'https://netbox.example.org/api/dcim/devices/5/', name: 'esx5' },
        tenant: { id: 2, url: 'https://netbox.example.org/api/tenancy/tenants/2/', name: 'Akron' },
      },
    ],
  });
  expect([...cis.values()].map(({ key, type, name }) => [key, type, name]).sort()).toEqual([
    ['cluster:3', 'cluster', 'C3'],
    ['tenant:2', 'team', 'Akron'],
    ['vm:7', 'vm', 'vm7'],
  ]);
  expect(edges).toEqual(['vm:7 OWNED_BY tenant:2', 'vm:7 RUNS_ON cluster:3']);
});
