import { z } from 'zod';
import { cmdbErrors } from '../errors.ts';

/** Files know text only: a number may arrive as one. */
const number = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
  z.number(),
);
const positive = number.pipe(z.number().positive());
const whole = number.pipe(z.number().int().min(0));
/** And so may an object, written as JSON. */
const object = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess((value) => (typeof value === 'string' ? parsedOr(value) : value), z.object(shape));
const party = { email: z.string().optional(), phone: z.string().optional(), locale: z.string().optional() };

const plain: z.ZodRawShape = {};
const bearing = {
  n: whole.pipe(z.number().min(3)).describe('rolling elements'),
  ballDiameter: positive,
  pitchDiameter: positive,
  contactDeg: number.default(0),
};
const orders = { bpfo: positive, bpfi: positive, ftf: positive, bsf: positive };

const operatingPoints = {
  speed: z.string().optional(),
  load: z.string().optional(),
  temperature: z.string().optional(),
  mode: z.string().optional(),
};

/**
 * The starting CI types, by the words of CSDM and ISO 14224, with the attributes that the product reads. Any other
 * attribute is kept as it is. One row is all that a new type needs.
 */
const CI_TYPES: Readonly<Record<string, z.ZodRawShape>> = {
  site: plain,
  building: plain,
  line: plain,
  equipment: {
    powerKw: positive.optional(),
    shaftHeightMm: positive.optional(),
    mounting: z.enum(['rigid', 'flexible']).optional(),
    ratedRpm: positive.optional(),
    machineClass: z.string().optional(),
    lineHz: positive.optional(),
    // Telemetry keys of the points that say where the machine stands, and how long it takes to a steady state.
    operatingPoints: object(operatingPoints).optional(),
    startUpMinutes: positive.optional(),
  },
  component: {
    bearing: object(bearing).optional(),
    bearingOrders: object(orders).optional(),
    gearTeeth: whole.optional(),
  },
  measuring_point: { axis: z.string().optional(), unit: z.string().optional(), telemetry: z.string().optional() },
  sensor: plain,
  plc: plain,
  gateway: plain,
  server: plain,
  vm: plain,
  container: plain,
  cluster: plain,
  database: plain,
  application: plain,
  network_device: plain,
  circuit: plain,
  rack: plain,
  power_panel: plain,
  power_feed: plain,
  business_service: {
    criticality: number.pipe(z.number().int().min(1).max(4)).optional(),
    costPerHour: number.pipe(z.number().min(0)).optional(),
    users: whole.optional(),
  },
  business_capability: {
    criticality: number.pipe(z.number().int().min(1).max(4)).optional(),
    costPerHour: number.pipe(z.number().min(0)).optional(),
    users: whole.optional(),
  },
  person: party,
  team: party,
  supplier: party,
  contract: plain,
  configuration_item: plain,
};

/** What an import makes of a type that nobody knows. */
export const GENERIC_TYPE = 'configuration_item';
export const CI_TYPE_NAMES: readonly string[] = Object.keys(CI_TYPES);

const schemas = new Map(Object.entries(CI_TYPES).map(([name, shape]) => [name, z.looseObject(shape)]));

export function isCiType(name: string): boolean {
  return schemas.has(name);
}

/**
 * A CI's attributes, checked against its type; numbers written as text become numbers.
 * @throws {FaultlineError} CMDB_TYPE_UNKNOWN, CMDB_ATTRIBUTE
 */
export function checkedAttributes(ci: {
  key: string;
  type: string;
  attributes: Readonly<Record<string, unknown>>;
}): Record<string, unknown> {
  const schema = schemas.get(ci.type);
  if (schema === undefined) {
    throw cmdbErrors.CMDB_TYPE_UNKNOWN({ type: ci.type, known: CI_TYPE_NAMES }, { field: 'type' });
  }
  const checked = schema.safeParse(ci.attributes);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0]!;
  const path = issue.path.join('.');
  throw cmdbErrors.CMDB_ATTRIBUTE(
    { key: ci.key, type: ci.type, problem: `${path}: ${issue.message}` },
    { field: `attributes.${path}` },
  );
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
