import { isRecord, textOf } from '../sourceFile.ts';
import type { NetboxObject } from './objects.ts';

/** Applications of NetBox itself; plugins have others. */
const APPS = new Set([
  'circuits',
  'core',
  'dcim',
  'extras',
  'ipam',
  'tenancy',
  'users',
  'virtualization',
  'vpn',
  'wireless',
]);

/** Whether a document is one of NetBox's: a dump of its database, an answer of its API, or lists of such answers. */
export function isNetboxTree(document: unknown): boolean {
  if (Array.isArray(document)) return document.some((item) => isDumped(item) || isAnswered(item));
  if (!isRecord(document)) return false;
  if (Array.isArray(document.results)) return document.results.some(isAnswered);
  if (isAnswered(document)) return true;
  const inner = isRecord(document.data) ? document.data : document;
  return Object.entries(inner).some(([name, value]) => kindOfList(name) !== undefined && listOf(value) !== undefined);
}

/**
 * Objects of a document:
 * - Django's `dumpdata`: a list of `{model, pk, fields}`;
 * - the REST API: an object, a list, or a page `{count, results}`, each object with its `url`;
 * - several of them under the names of their endpoints, `{"dcim/devices": […], "sites": {results: […]}}`, and
 *   GraphQL's `{"data": {"device_list": […]}}`.
 */
export function objectsOfTree(file: string, document: unknown): NetboxObject[] {
  const objects: NetboxObject[] = [];
  const take = (item: unknown, kind: string | undefined) => {
    if (!isRecord(item)) return;
    const object = isDumped(item) ? dumped(item) : answered(item, kind);
    if (object !== undefined) objects.push({ file, line: objects.length + 1, ...object });
  };
  for (const [list, kind] of listsOf(document)) for (const item of list) take(item, kind);
  return objects;
}

function listsOf(document: unknown): [readonly unknown[], string | undefined][] {
  const list = listOf(document);
  if (list !== undefined) return [[list, undefined]];
  if (!isRecord(document)) return [];
  if (isAnswered(document)) return [[[document], undefined]];
  const inner = isRecord(document.data) ? document.data : document;
  return Object.entries(inner).flatMap(([name, value]) => {
    const of = listOf(value);
    return of === undefined ? [] : [[of, kindOfList(name)] as [readonly unknown[], string | undefined]];
  });
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isRecord(value) && Array.isArray(value.results) ? value.results : undefined;
}

function isDumped(item: unknown): item is { model: string; pk: unknown; fields: Record<string, unknown> } {
  return isRecord(item) && typeof item.model === 'string' && /^\w+\.\w+$/.test(item.model) && isRecord(item.fields);
}

function isAnswered(item: unknown): boolean {
  return isRecord(item) && item.id !== undefined && kindOfUrl(item.url) !== undefined;
}

function dumped(item: { model: string; pk?: unknown; fields: Record<string, unknown> }) {
  return { kind: item.model.toLowerCase(), id: textOf(item.pk) ?? null, fields: item.fields };
}

function answered(item: Record<string, unknown>, listed: string | undefined) {
  const kind = kindOfUrl(item.url) ?? listed;
  return kind === undefined ? undefined : { kind, id: textOf(item.id) ?? null, fields: item };
}

/** `https://netbox/api/dcim/power-feeds/12/` is a dcim.powerfeed. */
function kindOfUrl(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  const [, plugin, app, endpoint] = /\/api\/(plugins\/)?([\w-]+)\/([\w-]+)\/\d+\/?$/.exec(url) ?? [];
  if (app === undefined || endpoint === undefined) return undefined;
  return plugin === undefined && !APPS.has(app) ? undefined : `${app}.${singular(endpoint)}`;
}

/** Endpoints that say what they are without their application, as people name the lists that they collect. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  device: 'dcim.device',
  site: 'dcim.site',
  location: 'dcim.location',
  rack: 'dcim.rack',
  region: 'dcim.region',
  interface: 'dcim.interface',
  cable: 'dcim.cable',
  powerpanel: 'dcim.powerpanel',
  powerfeed: 'dcim.powerfeed',
  powerport: 'dcim.powerport',
  poweroutlet: 'dcim.poweroutlet',
  frontport: 'dcim.frontport',
  rearport: 'dcim.rearport',
  devicerole: 'dcim.devicerole',
  devicetype: 'dcim.devicetype',
  virtualchassis: 'dcim.virtualchassis',
  virtualmachine: 'virtualization.virtualmachine',
  cluster: 'virtualization.cluster',
  circuit: 'circuits.circuit',
  circuittermination: 'circuits.circuittermination',
  provider: 'circuits.provider',
  tenant: 'tenancy.tenant',
  contact: 'tenancy.contact',
  contactassignment: 'tenancy.contactassignment',
};

function kindOfList(name: string): string | undefined {
  const [, app, endpoint] = /^(?:\/?api\/)?(?:(\w+)[/.])?([\w-]+?)(?:_list)?\/?$/.exec(name.toLowerCase()) ?? [];
  if (endpoint === undefined) return undefined;
  const model = singular(endpoint);
  if (app !== undefined) return APPS.has(app) ? `${app}.${model}` : undefined;
  return ENDPOINTS[model];
}

function singular(endpoint: string): string {
  const plain = endpoint.replace(/[-_]/g, '');
  if (plain.endsWith('chassis')) return plain;
  if (plain.endsWith('ies')) return `${plain.slice(0, -3)}y`;
  if (/(ss|ch|x)es$/.test(plain)) return plain.slice(0, -2);
  return plain.endsWith('s') ? plain.slice(0, -1) : plain;
}
