import { expect, it } from 'vitest';
import { STARTING_MODEL } from '../../model/startingModel.ts';
import { understand } from '../understand.ts';
import { readFiles } from './readFiles.ts';

const read = async (...texts: string[]) => {
  const rows = await readFiles(texts.map((text, at) => ({ name: `f${at}`, text })));
  const { changes, warnings } = understand(STARTING_MODEL, rows, new Map());
  const edges = changes.relations.map(
    ({ from, type, to, group, minUp }) => `${from} ${type} ${to}${group ? ` [${group} ${minUp}]` : ''}`,
  );
  const cis = new Map(changes.cis.map((ci) => [ci.key, ci]));
  const formats = [...new Set(rows.formats.map(({ format }) => format))];
  return { formats, cis, edges: edges.sort(), warnings: warnings.map(({ message }) => message) };
};

it('reads iTop: ids counted together, links, redundancy, unknown classes', async () => {
  const { formats, cis, edges, warnings } = await read(
    `<?xml version="1.0" encoding="UTF-8"?><Set>
      <Server alias="Server" id="5"><name>db &amp; co</name><org_id>2</org_id><location_id>1</location_id><rack_id>0</rack_id>
        <serialnumber>SN-9</serialnumber><status>production</status></Server>
      <DBServer alias="DBServer" id="6"><name>pg</name><system_id>5</system_id></DBServer>
      <DatabaseSchema alias="DatabaseSchema" id="7"><name>erp</name><dbserver_id>6</dbserver_id></DatabaseSchema>
      <Location alias="Location" id="1"><name>Grenoble</name></Location>
      <Organization alias="Organization" id="2"><name>Demo</name></Organization>
      <VendingMachine alias="VendingMachine" id="11"><name>coffee</name></VendingMachine>
    </Set>`,
    `<Set><ApplicationSolution id="8"><name>ERP</name><business_criticity>high</business_criticity><redundancy>50%</redundancy></ApplicationSolution>
      <WebServer id="9"><name>a</name></WebServer><WebServer id="10"><name>b</name></WebServer>
      <lnkApplicationSolutionToFunctionalCI id="1"><applicationsolution_id>8</applicationsolution_id><functionalci_id>9</functionalci_id></lnkApplicationSolutionToFunctionalCI>
      <lnkApplicationSolutionToFunctionalCI id="2"><applicationsolution_id>8</applicationsolution_id><functionalci_id>10</functionalci_id></lnkApplicationSolutionToFunctionalCI>
      <Person id="3"><name>Verne</name><first_name>Jules</first_name><email>j@example.org</email></Person>
      <lnkContactToFunctionalCI id="3"><functionalci_id>5</functionalci_id><contact_id>3</contact_id></lnkContactToFunctionalCI>
      <lnkThingToThing id="4"><functionalci_id>5</functionalci_id><ci_id>6</ci_id></lnkThingToThing></Set>`,
  );
  expect(formats).toEqual(['iTop']);
  expect(cis.get('itop:Server:5')).toMatchObject({
    type: 'server',
    name: 'db & co',
    status: 'production',
    attributes: { serialNumber: 'SN-9', sourceType: 'Server' },
  });
  expect(cis.get('itop:ApplicationSolution:8')).toMatchObject({
    type: 'business_service',
    attributes: { criticality: 1 },
  });
  expect(cis.get('itop:VendingMachine:11')!.type).toBe('configuration_item');
  expect(edges).toEqual([
    'itop:ApplicationSolution:8 DEPENDS_ON itop:WebServer:10 [redundancy 1]',
    'itop:ApplicationSolution:8 DEPENDS_ON itop:WebServer:9 [redundancy 1]',
    'itop:DBServer:6 RUNS_ON itop:Server:5',
    'itop:DatabaseSchema:7 RUNS_ON itop:DBServer:6',
    'itop:Server:5 LOCATED_IN itop:Location:1',
    'itop:Server:5 OWNED_BY itop:Organization:2',
    'itop:Server:5 OWNED_BY itop:Person:3',
    'itop:Server:5 RELATED_TO itop:DBServer:6',
  ]);
  expect(warnings.join('\n')).toMatch(/VendingMachine[\s\S]*|lnkThingToThing/);
  expect(warnings.join('\n')).toContain('lnkThingToThing is unknown here');
});

it('reads ServiceNow: classes by field name or label, relations by sys_id or name', async () => {
  const { formats, cis, edges, warnings } = await read(
    `"sys_id","name","sys_class_name","serial_number","operational_status","owned_by","busines_criticality"
"${'a'.repeat(32)}","lnx01","cmdb_ci_linux_server","VMW-1","1","Beth Anglin",""
"${'b'.repeat(32)}","Payroll","cmdb_ci_service","","1","","1 - most critical"
"${'d'.repeat(32)}","thing","cmdb_ci_toaster","","6","",""
`,
    `"Name","Class","Asset tag","Operational status"\n"payroll app","Application","P-1","Operational"\n`,
    `"parent","type","child"\n"Payroll","Depends on::Used by","payroll app"\n"payroll app","Runs on::Runs","${'a'.repeat(32)}"\n"lnx01","Admires::Admired by","Payroll"\n"lnx01","Runs on::Runs","gone"\n`,
  );
  expect(formats).toEqual(['ServiceNow']);
  expect(cis.get('a'.repeat(32))).toMatchObject({
    type: 'server',
    status: 'operational',
    attributes: { serialNumber: 'VMW-1' },
  });
  expect(cis.get('b'.repeat(32))).toMatchObject({ type: 'business_service', attributes: { criticality: 1 } });
  expect(cis.get('d'.repeat(32))).toMatchObject({ type: 'configuration_item', status: 'retired' });
  expect(edges).toEqual([
    `${'a'.repeat(32)} OWNED_BY person:Beth Anglin`,
    `${'a'.repeat(32)} RELATED_TO ${'b'.repeat(32)}`,
    `${'b'.repeat(32)} DEPENDS_ON payroll app`,
    `payroll app RUNS_ON ${'a'.repeat(32)}`,
  ]);
  expect(warnings.some((one) => one.includes('Admires::Admired by'))).toBe(true);
  expect(warnings.some((one) => one.includes('neither told nor known'))).toBe(true);
});

it('reads ServiceNow relations with dot-walked columns, and records as JSON', async () => {
  const walked = await read(
    `"parent.name","parent.sys_class_name","type.name","child.name","child.sys_class_name"
"SAP ERP","Business Application","Depends on::Used by","ORCL","Oracle Instance"
"ORCL","Oracle Instance","Runs on::Runs","sapdb01","Linux Server"
`,
  );
  expect([...walked.cis.values()].map(({ key, type }) => [key, type])).toEqual([
    ['SAP ERP', 'application'],
    ['ORCL', 'database'],
    ['sapdb01', 'server'],
  ]);
  expect(walked.edges).toEqual(['ORCL RUNS_ON sapdb01', 'SAP ERP DEPENDS_ON ORCL']);

  const [one, two] = ['a'.repeat(32), 'b'.repeat(32)];
  const json = await read(
    JSON.stringify({
      result: [
        {
          sys_id: one,
          name: 'lnx01',
          sys_class_name: 'cmdb_ci_linux_server',
          support_group: { link: 'x', value: two },
        },
        {
          sys_id: two,
          name: 'pg',
          sys_class_name: 'cmdb_ci_db_postgresql_instance',
          location: { display_value: 'Hall 3' },
        },
      ],
    }),
    JSON.stringify({
      records: [
        {
          sys_id: 'c'.repeat(32),
          parent: { display_value: 'pg', value: two },
          child: { display_value: 'lnx01', value: one },
          type: { display_value: 'Runs on::Runs', value: 'd'.repeat(32) },
        },
      ],
    }),
  );
  expect(json.formats).toEqual(['ServiceNow']);
  expect(json.cis.get(two)).toMatchObject({ type: 'database', name: 'pg' });
  expect(json.edges).toEqual([`${two} LOCATED_IN building:Hall 3`, `${two} RUNS_ON ${one}`]);
});

it('reads Backstage: many documents, references in all their forms, resources by their type', async () => {
  const { formats, cis, edges, warnings } = await read(`# the shop
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: Cart, description: keeps carts}
spec:
  type: service
  lifecycle: production
  owner: team-a
  system: shop
  providesApis: [cart-api]
  consumesApis: ['payments/pay-api']
  dependsOn: ['resource:cart-db', component:default/mailer]
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: cart-db}
spec: {type: database, owner: 'group:default/team-a'}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: cart-api}
spec: {type: openapi, owner: team-a, definition: {$text: ./openapi.yaml}}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop, title: The shop}
spec: {owner: 'user:jo', domain: sales}
---
{apiVersion: backstage.io/v1alpha1, kind: Domain, metadata: {name: sales}, spec: {owner: team-a}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team-a}, spec: {type: team, profile: {email: a@example.org}, children: []}}
---
{apiVersion: backstage.io/v1alpha1, kind: User, metadata: {name: jo}, spec: {memberOf: [team-a]}}
---
{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {name: all}, spec: {targets: [./x.yaml]}}
---
{apiVersion: example.org/v1, kind: Robot, metadata: {name: r2}, spec: {owner: team-a}}
`);
  expect(formats).toEqual(['Backstage']);
  const types = [...cis.values()].map(({ key, type }) => `${key} ${type}`);
  expect(types).toEqual([
    'component:default/cart application',
    'resource:default/cart-db database',
    'api:default/cart-api application',
    'system:default/shop business_service',
    'domain:default/sales business_capability',
    'group:default/team-a team',
    'user:default/jo person',
    'robot:default/r2 configuration_item',
  ]);
  expect(edges).toEqual([
    'api:default/cart-api DEPENDS_ON component:default/cart',
    'api:default/cart-api OWNED_BY group:default/team-a',
    'component:default/cart DEPENDS_ON resource:default/cart-db',
    'component:default/cart OWNED_BY group:default/team-a',
    'component:default/cart PART_OF system:default/shop',
    'domain:default/sales OWNED_BY group:default/team-a',
    'resource:default/cart-db OWNED_BY group:default/team-a',
    'robot:default/r2 OWNED_BY group:default/team-a',
    'system:default/shop OWNED_BY user:default/jo',
    'system:default/shop PART_OF domain:default/sales',
    'user:default/jo PART_OF group:default/team-a',
  ]);
  expect(cis.get('system:default/shop')!.name).toBe('The shop');
  expect(warnings.filter((one) => one.includes('neither told nor known'))).toHaveLength(2);
});

it('reads graphs of nodes and edges as libraries write them', async () => {
  const links = await read(
    JSON.stringify({
      directed: true,
      nodes: [
        { id: 1, label: 'Web', kind: 'microservice', tier: 3 },
        { id: 2, type: 'rds' },
        { id: 3, type: 'queue' },
      ],
      links: [
        { source: 1, target: 2 },
        { source: { id: 1 }, target: 3, relationship: 'publishes to' },
        { source: 1, target: 9, type: 'uses' },
      ],
    }),
  );
  expect(links.formats).toEqual(['node-link JSON']);
  expect(links.cis.get('1')).toMatchObject({ type: 'business_service', name: 'Web', attributes: { tier: 3 } });
  expect([links.cis.get('2')!.type, links.cis.get('3')!.type]).toEqual(['database', 'application']);
  expect(links.edges).toEqual(['1 DEPENDS_ON 2', '1 DEPENDS_ON 3']);
  expect(links.warnings.some((one) => one.includes('neither told nor known'))).toBe(true);

  const cytoscape = await read(
    JSON.stringify({
      elements: {
        nodes: [
          { data: { id: 'shop', type: 'service' } },
          { data: { id: 'a', type: 'host' } },
          { data: { id: 'b', type: 'host' } },
        ],
        edges: ['a', 'b'].map((target) => ({
          data: { source: 'shop', target, type: 'RUNS_ON', group: 'hosts', min_up: 1 },
        })),
      },
    }),
  );
  expect(cytoscape.edges).toEqual(['shop RUNS_ON a [hosts 1]', 'shop RUNS_ON b [hosts 1]']);
  await expect(read(JSON.stringify({ nodes: [{ name: 'x' }], edges: [] }))).rejects.toThrow(/nodes, line 1, id/);
});

it('reads our own shape from CSV, JSON and YAML', async () => {
  const { cis, edges, formats } = await read(
    'id,type\nfrontend,service\n',
    'from,type,to,evidence\nfrontend,DEPENDS_ON,cart,env CART_ADDR\n',
    '{"cis": [{"key": "cart", "type": "application", "attributes": {"port": 7070}}]}',
    'relations:\n  - {from: cart, type: RUNS_ON, to: redis}\ncis:\n  - key: redis\n    type: database\n',
  );
  expect(formats).toEqual(['Faultline']);
  expect(cis.get('cart')!.attributes).toEqual({ port: 7070 });
  expect(edges).toEqual(['cart RUNS_ON redis', 'frontend DEPENDS_ON cart']);
});

const aliases = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
for (const name of 'bcdefghi') {
  aliases.push(
    `${name}: &${name} [${Array(10)
      .fill(`*${aliases.length > 1 ? String.fromCharCode(name.charCodeAt(0) - 1) : 'a'}`)
      .join(', ')}]`,
  );
}
it.each([
  [
    'entities that expand',
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Set><Server id="1"><name>&b;</name></Server></Set>',
    'XML',
  ],
  ['an external entity', '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Set/>', 'XML'],
  ['tags without end', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, 'XML'],
  ['tags that do not close', '<Set><Server id="1"></Set>', 'XML'],
  ['aliases that expand', `apiVersion: backstage.io/v1alpha1\n${aliases.join('\n')}\n`, 'YAML'],
  ['lists without end', `a: ${'['.repeat(50_000)}`, 'YAML'],
  ['a mapping that is none', 'a: b\n c: "d\n', 'YAML'],
  ['cut JSON', '{"cis": [', 'JSON'],
  ['a table of nothing known', 'colour,weight\nred,7\n', 'format'],
  ['nothing', '  \n', 'file'],
])('refuses %s and says where', async (_what, text, field) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'CMDB_IMPORT_LINE', field, detail: { file: 'f0' } });
});
