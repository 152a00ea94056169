import type { Tx } from '../../platform/index.ts';
import { readVersion } from '../graph/postgres/readVersion.ts';
import { windowsOf } from '../maintenance/windows.ts';
import { type BearingGeometry, type BearingOrders, bearingOrders } from './bearing.ts';

/** What the CMDB knows of a measuring point: what it watches, in which machine, and that machine's geometry. */
export interface MeasuringPointFacts {
  pointId: string;
  pointName: string;
  /** The component that the point watches; the machine, or the point itself, when none is known. */
  assetId: string;
  assetName: string;
  machineId: string;
  machineName: string;
  bearingOrders?: BearingOrders;
  gearTeeth?: number;
  powerKw?: number;
  shaftHeightMm?: number;
  mounting?: 'rigid' | 'flexible';
  machineClass?: string;
  /** Mains frequency of a motor fed without a converter. */
  lineHz?: number;
  ratedRpm?: number;
  /** Keys of the points that tell where the machine stands. */
  operatingPoints?: { speed?: string; load?: string; temperature?: string; mode?: string };
  /** How long the machine takes to a steady state. */
  startUpMinutes?: number;
  maintenance: { fromMs: number; toMs: number }[];
  graphVersion: string;
}

interface PlacedCi {
  id: string;
  type: string;
  name: string;
  attributes: Record<string, unknown>;
  depth: number;
}

/** A deeper nesting of parts is taken for a circle. */
const DEEPEST_PART = 32;

/** The facts of a point by its key in telemetry (`{device}/{point}`); null when no CI stands for it. */
export async function measuringPointFacts(tx: Tx, pointKey: string): Promise<MeasuringPointFacts | null> {
  const { rows } = await tx.query<PlacedCi>(
    `select id, type, name, attributes, 0 as depth from cmdb_ci
     where tenant_id = $1 and type = 'measuring_point'
       and (attributes->>'telemetry' = $2 or (key = $2 and attributes->>'telemetry' is null))
     order by attributes->>'telemetry' is null limit 1`,
    [tx.tenantId, pointKey],
  );
  const point = rows[0];
  if (point === undefined) return null;
  const around = await surroundings(tx, point.id);
  const watched = around.filter((ci) => ci.depth === 0 && ci.id !== point.id);
  const machine = around.find((ci) => ci.type === 'equipment');
  const asset =
    watched.find((ci) => ci.attributes.bearing !== undefined || ci.attributes.bearingOrders !== undefined) ??
    watched.find((ci) => ci.type === 'component') ??
    watched[0] ??
    machine ??
    point;
  // The nearest one that says something wins: what is watched, then the point's own word, then the machine's.
  const sources = [asset, ...watched, point, ...(machine === undefined ? [] : [machine])];
  const said = (name: string) => sources.find((ci) => ci.attributes[name] !== undefined)?.attributes[name];
  const ofMachine = machine?.attributes ?? {};
  const windows = await windowsOf(tx, [point.id, ...around.map((ci) => ci.id)]);
  return {
    pointId: point.id,
    pointName: point.name,
    assetId: asset.id,
    assetName: asset.name,
    machineId: (machine ?? asset).id,
    machineName: (machine ?? asset).name,
    ...present('bearingOrders', ordersFrom(said('bearingOrders'), said('bearing'))),
    ...present('gearTeeth', said('gearTeeth') as number | undefined),
    ...present('powerKw', ofMachine.powerKw as number | undefined),
    ...present('shaftHeightMm', ofMachine.shaftHeightMm as number | undefined),
    ...present('mounting', ofMachine.mounting as 'rigid' | 'flexible' | undefined),
    ...present('machineClass', ofMachine.machineClass as string | undefined),
    ...present('lineHz', ofMachine.lineHz as number | undefined),
    ...present('ratedRpm', ofMachine.ratedRpm as number | undefined),
    ...present('operatingPoints', ofMachine.operatingPoints as MeasuringPointFacts['operatingPoints']),
    ...present('startUpMinutes', ofMachine.startUpMinutes as number | undefined),
    maintenance: windows.map((window) => ({ fromMs: window.from.getTime(), toMs: window.to.getTime() })),
    graphVersion: String(await readVersion(tx)),
  };
}

/** What a point watches (depth 0) and all that this is part of, nearest first; from the point itself when it watches nothing. */
async function surroundings(tx: Tx, pointId: string): Promise<PlacedCi[]> {
  const { rows } = await tx.query<PlacedCi>(
    `with recursive watched as (
       select to_id as id from cmdb_relation where tenant_id = $1 and from_id = $2 and type = 'MONITORS'),
     up as (
       select id, 0 as depth from watched
       union
       select $2::uuid, 0 where not exists (select from watched)
       union
       select r.to_id, up.depth + 1 from up
       join cmdb_relation r on r.tenant_id = $1 and r.from_id = up.id and r.type = 'PART_OF'
       where up.depth < $3)
     select c.id, c.type, c.name, c.attributes, min(up.depth) as depth
     from up join cmdb_ci c on c.tenant_id = $1 and c.id = up.id
     group by c.id, c.type, c.name, c.attributes order by min(up.depth), c.name`,
    [tx.tenantId, pointId, DEEPEST_PART],
  );
  return rows;
}

function ordersFrom(orders: unknown, geometry: unknown): BearingOrders | undefined {
  if (orders !== undefined) return orders as BearingOrders;
  return geometry === undefined ? undefined : bearingOrders(geometry as BearingGeometry);
}

function present<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });
}
