import type { CiPut, RelationPut } from '../../cmdb/index.ts';

const LINES = 40;
const MACHINES_PER_LINE = 25;
const SERVICES = 40;
const OWNERS = 30;

/** A plant for the orders bench: lines of machines with two bearings each, and the services that depend on the lines. */
export interface OrderPlant {
  readonly cis: readonly CiPut[];
  readonly relations: readonly RelationPut[];
  /** Keys of the bearings, which are what fails. */
  readonly bearings: readonly string[];
}

/** The same plant every time: 1,000 machines, 2,000 bearings, 60 services; a failure reaches two or three services. */
export function orderPlant(): OrderPlant {
  const cis: CiPut[] = [];
  const relations: RelationPut[] = [];
  const bearings: string[] = [];
  const ci = (key: string, type: string, attributes: Record<string, unknown> = {}) => {
    cis.push({ key, type, name: key, attributes });
    return key;
  };
  const relate = (from: string, type: string, to: string, attributes: Record<string, unknown> = {}) =>
    void relations.push({ from, type, to, group: null, minUp: null, attributes });
  const person = (key: string) => ci(key, 'person', { email: `${key}@plant.example`, locale: 'en' });

  ci('site', 'site');
  const supplier = ci('supplier', 'supplier', { email: 'support@supplier.example' });
  const owners = Array.from({ length: OWNERS }, (_, i) => person(`owner-${i}`));
  for (let l = 0; l < LINES; l++) {
    const line = ci(`line-${l}`, 'line', { device: `plc-${l}` });
    relate(line, 'LOCATED_IN', 'site');
    relate(line, 'OWNED_BY', person(`leader-${l}`));
    for (let m = 0; m < MACHINES_PER_LINE; m++) {
      const machine = ci(`pump-${l}-${m}`, 'equipment');
      relate(machine, 'PART_OF', line);
      relate(machine, 'SUPPLIED_BY', supplier);
      for (const end of ['de', 'nde']) {
        const bearing = ci(`${machine}-${end}`, 'component');
        relate(bearing, 'PART_OF', machine);
        bearings.push(bearing);
      }
    }
  }
  for (let s = 0; s < SERVICES; s++) {
    const attributes = { criticality: 1 + (s % 4), costPerHour: 1_000 * (s % 30), users: 10 * s };
    const service = ci(`service-${s}`, 'business_service', attributes);
    relate(service, 'OWNED_BY', owners[s % OWNERS]!, { role: 'accountable' });
    relate(service, 'OWNED_BY', owners[(s * 7 + 1) % OWNERS]!, { role: 'deputy' });
    for (const l of new Set([s % LINES, (s * 3 + 5) % LINES])) relate(service, 'DEPENDS_ON', `line-${l}`);
  }
  return { cis, relations, bearings };
}
