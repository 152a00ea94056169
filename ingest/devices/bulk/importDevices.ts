import type { Database, Tx } from '../../../platform/index.ts';
import type { Actor } from '../audit/audit.ts';
import type { DeviceRegistry, IssuedCredential } from '../registry.ts';
import { type DeviceLine, type LineError, readDeviceCsv } from './readCsv.ts';

export interface ImportOptions {
  /** Looks only: says what would be wrong. */
  dryRun: boolean;
  /** `all`: nothing is registered unless every line is right; `each`: the lines that are right. */
  mode: 'all' | 'each';
}

export interface ImportResult {
  lines: number;
  registered: IssuedCredential[];
  /** Lines that would be, or were, registered. */
  right: number;
  errors: LineError[];
}

/** Registers the devices of a CSV in one transaction, after checking each line against the others and what exists. */
export async function importDevices(
  deps: { db: Database; registry: DeviceRegistry },
  tenantId: string,
  csv: string,
  { dryRun, mode }: ImportOptions,
  by: Actor,
): Promise<ImportResult> {
  const read = readDeviceCsv(csv);
  return deps.db.tenant(tenantId, async (tx) => {
    const checked = await checkAgainstStock(tx, read.lines);
    const errors = [...read.errors, ...checked.errors].sort((a, b) => a.line - b.line);
    const total = new Set([...read.lines, ...read.errors].map(({ line }) => line)).size;
    const result = { lines: total, right: checked.right.length, errors, registered: [] };
    if (dryRun || checked.right.length === 0 || (mode === 'all' && errors.length > 0)) return result;
    const devices = checked.right.map(({ device }) => device);
    return { ...result, registered: await deps.registry.registerIn(tx, devices, by) };
  });
}

/** What a line says must fit what is registered, and what the other right lines will have registered. */
async function checkAgainstStock(
  tx: Tx,
  lines: readonly DeviceLine[],
): Promise<{ right: DeviceLine[]; errors: LineError[] }> {
  const names = lines.map(({ device }) => device.name);
  const gatewayNames = lines.flatMap(({ device }) => device.gateway ?? []);
  const typeKeys = lines.flatMap(({ device }) => device.type ?? []);
  const { rows: taken } = await tx.query<{ name: string }>('select name from device where name = any($1)', [names]);
  const { rows: hubs } = await tx.query<{ name: string }>(
    `select name from device where kind = 'gateway' and name = any($1)`,
    [[...new Set(gatewayNames)]],
  );
  const { rows: types } = await tx.query<{ key: string }>('select key from device_type where key = any($1)', [
    [...new Set(typeKeys)],
  ]);
  const takenNames = new Set(taken.map(({ name }) => name));
  const typeSet = new Set(types.map(({ key }) => key));
  const errors: LineError[] = [];
  const wrong = (line: number, column: string, reason: string): false => {
    errors.push({ line, column, reason });
    return false;
  };
  const sound = lines.filter(({ line, device: { name, type } }) => {
    if (takenNames.has(name)) return wrong(line, 'name', `${name} is registered already`);
    if (type !== undefined && !typeSet.has(type)) return wrong(line, 'type', `there is no device type ${type}`);
    return true;
  });
  const gateways = new Set(hubs.map(({ name }) => name));
  // A gateway of the same file may be registered with its devices, as long as its own line is right.
  let right = sound;
  for (;;) {
    const here = new Set(right.flatMap(({ device }) => (device.kind === 'gateway' ? [device.name] : [])));
    const kept = right.filter(({ line, device: { gateway } }) => {
      if (gateway === undefined || gateways.has(gateway) || here.has(gateway)) return true;
      return wrong(line, 'gateway', `${gateway} is no gateway, neither registered nor in a line that is right`);
    });
    if (kept.length === right.length) return { right, errors };
    right = kept;
  }
}
