import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CmdbOverHttp, cmdbOverHttp } from '../../test/fixtures/cmdbOverHttp.ts';
import { CmdbModel } from './cmdbModel.ts';
import { ciTypeDefinition, relationTypeDefinition } from './definitions.ts';
import { redactedState } from './redaction.ts';
import { STARTING_MODEL } from './startingModel.ts';

const both = (text: string) => ({ en: text, zh: `${text}（中文）` });
const attribute = (name: string, kind: string, more: object = {}) => ({ name, kind, description: both(name), ...more });

describe('the starting model', () => {
  it('holds the types of CSDM and ISO 14224 that a plant and its IT need', () => {
    for (const name of (
      'site building line equipment component sensor measuring_point plc gateway server vm container database application ' +
      'network_device circuit power_feed business_service business_capability person team supplier contract sla'
    ).split(' ')) {
      expect(STARTING_MODEL.isConcrete(name), name).toBe(true);
      expect(STARTING_MODEL.isA(name, 'configuration_item')).toBe(true);
      expect(STARTING_MODEL.typeOf(name)!.label.zh).toMatch(/\p{Script=Han}/u);
    }
    expect(STARTING_MODEL.isA('server', 'it_item')).toBe(true);
    expect(STARTING_MODEL.isA('server', 'party')).toBe(false);
    expect(STARTING_MODEL.typesUnder('party')).toEqual(['party', 'person', 'team', 'supplier']);
  });

  it('knows which end suffers, with its exceptions', () => {
    expect(STARTING_MODEL.directionOf('DEPENDS_ON', 'server', 'vm')).toBe('to-fails');
    expect(STARTING_MODEL.directionOf('LOCATED_IN', 'server', 'building')).toBe('none');
    expect(STARTING_MODEL.directionOf('LOCATED_IN', 'server', 'rack')).toBe('to-fails');
    expect(STARTING_MODEL.turnsDirection('rack')).toBe(true);
    expect(STARTING_MODEL.turnsDirection('server')).toBe(false);
  });

  it('reads numbers and objects that files write as text, and says where a value is wrong', () => {
    const checked = (type: string, attributes: Record<string, unknown>) =>
      STARTING_MODEL.checkedAttributes({ key: 'k', type, attributes });
    expect(checked('equipment', { powerKw: '15', colour: 'red' })).toEqual({ powerKw: 15, colour: 'red' });
    expect(checked('component', { bearing: '{"n":9,"ballDiameter":"0.3","pitchDiameter":1.5}' })).toEqual({
      bearing: { n: 9, ballDiameter: 0.3, pitchDiameter: 1.5, contactDeg: 0 },
    });
    expect(() => checked('equipment', { powerKw: -1 })).toThrow(/powerKw: must be greater than 0/);
    expect(() => checked('component', { bearing: { n: 9 } })).toThrow(/bearing\.ballDiameter: is missing/);
    expect(() => checked('equipment', { mounting: 'soft' })).toThrow(/rigid, flexible/);
    expect(() => checked('contract', { endsOn: 'soon' })).toThrow(/endsOn: must be a date/);
    expect(() => checked('party', {})).toThrow(/only there to inherit from/);
  });
});

it('inherits attributes, allowed relations and sensitivity, the nearest definition counting', () => {
  const type = (name: string, parent: string | null, attributes: object[] = []) =>
    ciTypeDefinition.parse({ name, parent, label: both(name), attributes });
  const model = new CmdbModel(7, {
    ciTypes: [
      type('configuration_item', null, [attribute('note', 'text', { default: 'none' })]),
      type('robot', 'configuration_item', [attribute('axes', 'integer', { required: true, sensitive: true })]),
      type('welder', 'robot', [attribute('axes', 'integer', { maximum: 8 }), attribute('amps', 'number')]),
    ],
    relationTypes: [
      relationTypeDefinition.parse({
        ...{ name: 'GUARDS', direction: 'none', meaning: both('guards'), redundancy: { group: 'guards' } },
        allowed: [{ fromType: 'robot' }],
        between: [{ fromType: 'welder', toType: 'robot', direction: 'from-fails' }],
      }),
    ],
  });
  expect([...model.typeOf('welder')!.attributes.keys()].sort()).toEqual(['amps', 'axes', 'note']);
  expect(model.typeOf('welder')!.defaults).toEqual({ note: 'none' });
  expect(model.typeOf('welder')!.required).toEqual([]);
  expect([...model.sensitive('robot')]).toEqual(['axes']);
  expect([...model.sensitive('welder')]).toEqual([]);
  expect([...model.sensitive('gone')]).toEqual(['axes']);
  expect(model.mayRelate('GUARDS', 'welder', 'configuration_item')).toBe(true);
  expect(model.mayRelate('GUARDS', 'configuration_item', 'welder')).toBe(false);
  expect(model.directionOf('GUARDS', 'welder', 'welder')).toBe('from-fails');
  expect(model.directionOf('GUARDS', 'robot', 'robot')).toBe('none');
  expect(model.defaultRedundancy('GUARDS')).toEqual({ group: 'guards', minUp: 1 });
  const reader = { permissions: new Set(['cmdb:read'] as const) };
  const state = { type: 'robot', attributes: { axes: 6, note: 'x' } };
  expect(redactedState(model, reader, state)).toEqual({ type: 'robot', attributes: { note: 'x' }, redacted: ['axes'] });
});

describe('a tenant’s own model over HTTP', () => {
  let http: CmdbOverHttp;
  beforeAll(async () => {
    http = await cmdbOverHttp();
  });
  afterAll(() => http.stop());

  function tenant() {
    const tenantId = randomUUID();
    const send = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, role = 'admin') =>
      http.send(method, path, body, { tenantId, role });
    return {
      send,
      model: (change: object, more: object = {}) =>
        send('POST', '/model/changes', { change, reason: 'as agreed', ...more }),
    };
  }
  const robot = (...attributes: object[]) => ({
    ciTypes: [{ name: 'robot', parent: 'equipment', label: both('Robot'), attributes }],
  });

  it('adds a type that inherits, checks its CIs, and keeps every version of the model', async () => {
    const { send, model } = tenant();
    expect((await send('POST', '/cis', { key: 'r', type: 'robot' })).body.error.code).toBe('CMDB_TYPE_UNKNOWN');
    const added = await model(
      robot(attribute('axes', 'integer', { required: true }), attribute('grip', 'text', { default: 'claw' })),
    );
    expect(added).toMatchObject({ status: 200, body: { version: 1, graphVersion: '1', misfitCount: 0 } });
    const refused = await send('POST', '/cis', { key: 'r', type: 'robot', attributes: { powerKw: 3 } });
    expect(refused.body.error).toMatchObject({ code: 'CMDB_ATTRIBUTE', field: 'attributes.axes' });
    const made = await send('POST', '/cis', { key: 'r', type: 'robot', attributes: { axes: '6', powerKw: '3' } });
    expect(made.body).toMatchObject({ attributes: { axes: 6, powerKw: 3, grip: 'claw' }, modelVersion: 1 });
    expect((await send('PATCH', '/cis/r', { attributes: { powerKw: 4 } })).status).toBe(200);
    expect((await model(robot(attribute('axes', 'integer')), { expectedVersion: 0 })).body.error.code).toBe(
      'CMDB_MODEL_MOVED',
    );
    await model(robot(attribute('axes', 'integer')));
    const now = await send('GET', '/model');
    const type = now.body.ciTypes.find((one: { name: string }) => one.name === 'robot');
    expect(type).toMatchObject({ builtIn: false, lineage: ['robot', 'equipment', 'plant_item', 'configuration_item'] });
    expect(type.attributes).toHaveLength(1);
    const first = await send('GET', '/model?version=1');
    expect(first.body.ciTypes.find((one: { name: string }) => one.name === 'robot').attributes).toHaveLength(2);
    expect((await send('GET', '/model?version=9')).body.error.code).toBe('CMDB_MODEL_VERSION_UNKNOWN');
    const versions = await send('GET', '/model/versions');
    expect(versions.body.items).toMatchObject([
      { version: 2, author: 'the admin', reason: 'as agreed' },
      { version: 1, change: { ciTypes: [{ name: 'robot' }] } },
    ]);
    expect((await model({ removeCiTypes: ['robot'] })).body.error).toMatchObject({ code: 'CMDB_MODEL_IN_USE' });
  });

  it('previews what a change breaks, refuses it or takes it as tasks, which go as they are done', async () => {
    const { send, model } = tenant();
    await model(robot());
    const cis = ['a', 'b', 'c'].map((key) => ({ key, type: 'robot', attributes: key === 'b' ? { axes: 'many' } : {} }));
    await send('POST', '/import', { cis });
    const change = robot(attribute('axes', 'integer', { required: true }));
    const preview = await send('POST', '/model/preview', change);
    expect(preview.body).toMatchObject({ version: 2, checkedCis: 3, misfitCount: 3 });
    expect(preview.body.misfits[1]).toMatchObject({ key: 'b', attribute: 'axes', problem: { zh: '必须是数字' } });
    expect((await send('GET', '/model')).body.version).toBe(1);
    const refused = await model(change);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'CMDB_MODEL_VIOLATED' } } });
    expect((await model(change, { onMisfit: 'tasks' })).body).toMatchObject({ version: 2, misfitCount: 3 });
    const tasks = async () => {
      const { body } = await send('GET', '/model/tasks?limit=2');
      const rest =
        body.nextCursor && (await send('GET', `/model/tasks?limit=2&cursor=${encodeURIComponent(body.nextCursor)}`));
      return [...body.items, ...(rest?.body.items ?? [])].map((task: { key: string }) => task.key);
    };
    expect(await tasks()).toEqual(['a', 'b', 'c']);
    // What is a task may be worked on otherwise; what is put right leaves the list.
    expect((await send('PATCH', '/cis/a', { name: 'Robot A' })).status).toBe(200);
    expect((await send('PATCH', '/cis/b', { attributes: { axes: 6 } })).status).toBe(200);
    expect(await tasks()).toEqual(['a', 'c']);
    expect((await send('GET', '/model/tasks?ciId=c')).body.items).toMatchObject([{ key: 'c', attribute: 'axes' }]);
    expect((await send('GET', '/model/tasks?ciId=b')).body.items).toEqual([]);
    await send('DELETE', '/cis/c');
    expect(await tasks()).toEqual(['a']);
    expect((await send('POST', '/cis', { key: 'd', type: 'robot' })).body.error.code).toBe('CMDB_ATTRIBUTE');
    // With a default, what is required is filled in.
    const filled = await model(robot(attribute('axes', 'integer', { required: true, default: 4 })));
    expect(filled.body).toMatchObject({ version: 3, filledCis: 1, misfitCount: 0 });
    expect((await send('GET', '/cis/a')).body.attributes).toEqual({ axes: 4 });
    expect((await send('GET', '/cis/a/history')).body.items[0]).toMatchObject({ source: 'model', reason: 'as agreed' });
    expect(await tasks()).toEqual([]);
  });

  it('keeps unique values unique among a type and those that inherit it, and references true', async () => {
    const { send, model } = tenant();
    await model({
      ciTypes: [
        ...robot(
          attribute('inventory', 'text', { unique: true }),
          attribute('cell', 'reference', { refersTo: 'place' }),
        ).ciTypes,
        { name: 'welder', parent: 'robot', label: both('Welder') },
      ],
    });
    const make = (key: string, type: string, attributes: object) => send('POST', '/cis', { key, type, attributes });
    expect((await make('line-1', 'line', {})).status).toBe(201);
    expect((await make('r1', 'robot', { inventory: '7', cell: 'line-1' })).status).toBe(201);
    expect((await make('w1', 'welder', { inventory: 7 })).body.error).toMatchObject({
      code: 'CMDB_NOT_UNIQUE',
      field: 'attributes.inventory',
    });
    expect((await make('r2', 'robot', { cell: 'r1' })).body.error).toMatchObject({ field: 'attributes.cell' });
    await send('PATCH', '/cis/r1', { attributes: { inventory: '8' } });
    expect((await make('w1', 'welder', { inventory: 7 })).status).toBe(201);
    await send('DELETE', '/cis/r1');
    expect((await make('w2', 'welder', { inventory: '8' })).status).toBe(201);
    const dropped = { ...robot(attribute('inventory', 'text')) };
    await model(dropped);
    expect((await make('w3', 'welder', { inventory: '8' })).status).toBe(201);
    const again = await send('POST', '/model/preview', robot(attribute('inventory', 'text', { unique: true })));
    expect(again.body.misfits).toMatchObject([{ key: 'w3', problem: { en: 'has the value of w2, and is unique' } }]);
  });

  it('turns impact with the model, gives relations their usual redundancy, and limits what they tie', async () => {
    const { send, model } = tenant();
    const guards = (direction: string, more: object = {}) => ({
      relationTypes: [{ name: 'GUARDS', direction, meaning: both('guards'), ...more }],
    });
    await model(guards('none'));
    await send('POST', '/import', {
      cis: ['g1', 'g2', 'shop'].map((key) => ({ key, type: key === 'shop' ? 'business_service' : 'server' })),
      relations: [{ from: 'g1', type: 'GUARDS', to: 'shop' }],
    });
    const services = async (...failed: string[]) => {
      const { body } = await send('POST', '/impact', { failed: failed.map((ci) => ({ ci })) });
      return body.services.map((service: { state: string }) => service.state);
    };
    expect(await services('g1')).toEqual([]);
    const { graphVersion } = (await model(guards('from-fails', { redundancy: { group: 'guards' } }))).body;
    const verdict = await send('POST', '/impact', { failed: [{ ci: 'g1' }], minVersion: graphVersion });
    expect(verdict.body.services).toMatchObject([{ key: 'shop', state: 'down' }]);
    await send('PUT', '/relations', { from: 'g1', type: 'GUARDS', to: 'shop' });
    const { version } = (await send('PUT', '/relations', { from: 'g2', type: 'GUARDS', to: 'shop' })).body;
    const two = await send('POST', '/impact', { failed: [{ ci: 'g1' }], minVersion: version });
    expect(two.body.services).toMatchObject([{ key: 'shop', state: 'degraded' }]);
    const only = guards('from-fails', { allowed: [{ fromType: 'equipment' }] });
    expect((await model(only, { onMisfit: 'tasks' })).body.error).toMatchObject({
      code: 'CMDB_MODEL_VIOLATED',
      detail: { misfitRelations: [{ from: 'g1', to: 'shop' }, { from: 'g2' }] },
    });
    await send('DELETE', '/cis/g1');
    await send('DELETE', '/cis/g2');
    expect((await model(only)).status).toBe(200);
    await send('POST', '/cis', { key: 'g3', type: 'server' });
    expect((await send('PUT', '/relations', { from: 'g3', type: 'GUARDS', to: 'shop' })).body.error.code).toBe(
      'CMDB_RELATION_NOT_ALLOWED',
    );
  });

  it.each([
    [
      'a circle',
      {
        ciTypes: [
          { name: 'a', parent: 'b', label: both('a') },
          { name: 'b', parent: 'a', label: both('b') },
        ],
      },
    ],
    ['a parent that is not there', { ciTypes: [{ name: 'a', parent: 'nowhere', label: both('a') }] }],
    ['an enum without values', robot(attribute('x', 'enum'))],
    ['a default of another kind', robot(attribute('x', 'integer', { default: 'many' }))],
    [
      'a built-in attribute of another kind',
      {
        ciTypes: [
          { name: 'equipment', parent: 'plant_item', label: both('e'), attributes: [attribute('powerKw', 'text')] },
        ],
      },
    ],
    [
      'a relation of types that are not there',
      {
        relationTypes: [{ name: 'X', direction: 'none', meaning: both('x'), allowed: [{ toType: 'nowhere' }] }],
      },
    ],
  ])('refuses %s', async (_what, change) => {
    const { send, model } = tenant();
    expect((await model(change)).body.error.code).toBe('CMDB_MODEL_WRONG');
    expect((await send('GET', '/version')).body.version).toBe('0');
  });

  it('shows what is sensitive only to those with cmdb:sensitive, in lists, single CIs and history', async () => {
    const { send } = tenant();
    await send('POST', '/cis', { key: 'c', type: 'contract', attributes: { costPerYear: 9_000, number: 'A-1' } });
    await send('PATCH', '/cis/c', { attributes: { costPerYear: 9_500 } });
    for (const path of ['/cis', '/cis/c', '/cis/c/history']) {
      expect(JSON.stringify((await send('GET', path)).body)).toContain('9500');
      const seen = JSON.stringify((await send('GET', path, undefined, 'viewer')).body);
      expect(seen).not.toMatch(/9[05]00/);
      expect(seen).toContain('"redacted":["costPerYear"]');
      expect(seen).toContain('A-1');
    }
    const model = await send('POST', '/model/preview', {}, 'viewer');
    expect(model.status).toBe(403);
  });
});
