import type { Tx } from '../../platform/index.ts';

/** What a machine was last known to do, from its vibration blocks and from the points that it declares. */
export interface MachineState {
  stopped: boolean;
  speedRpm: number | null;
  loadPercent: number | null;
  temperatureC: number | null;
  /** A declared state of the machine: a product, a recipe, a gear. */
  mode: string | null;
  /** When it was last seen so, ms; older news is none. */
  atMs: number;
}

/** Smaller changes are not written: the machine's points would queue for the row. */
const WORTH = { speedShare: 0.01, loadPercent: 3, temperatureC: 2 } as const;

type Operating = Omit<MachineState, 'stopped' | 'atMs'>;

const UNKNOWN: Operating = { speedRpm: null, loadPercent: null, temperatureC: null, mode: null };

/** The machines of a round: read once, changed as units are judged, written once. */
export interface Machines {
  of(machineId: string): MachineState | null;
  note(machineId: string, atMs: number, seen: Partial<Omit<MachineState, 'atMs'>>): void;
  save(tx: Tx): Promise<void>;
}

/** Reads what is known of these machines. */
export async function readMachines(tx: Tx, machineIds: readonly string[]): Promise<Machines> {
  const known = new Map<string, MachineState>();
  const changed = new Set<string>();
  if (machineIds.length > 0) {
    const { rows } = await tx.query<{
      machine_id: string;
      stopped: boolean;
      since_ms: number;
      operating: Operating | null;
    }>(
      `select machine_id, stopped, since_ms, operating from analytics_machine
        where tenant_id = current_tenant() and machine_id = any($1::uuid[])`,
      [machineIds],
    );
    for (const { machine_id, stopped, since_ms, operating } of rows) {
      known.set(machine_id, { stopped, atMs: since_ms, ...UNKNOWN, ...operating });
    }
  }
  return {
    of: (machineId) => known.get(machineId) ?? null,
    note: (machineId, atMs, seen) => {
      const before = known.get(machineId);
      if (before && before.atMs > atMs) return;
      const after: MachineState = { stopped: false, ...UNKNOWN, ...before, ...seen, atMs };
      if (before && !isNews(before, after)) return;
      known.set(machineId, after);
      changed.add(machineId);
    },
    save: (tx) => saveMachines(tx, [...changed].sort(), known),
  };
}

function isNews(before: MachineState, after: MachineState): boolean {
  const moved = (a: number | null, b: number | null, by: number) =>
    a === null || b === null ? a !== b : Math.abs(a - b) > by;
  return (
    before.stopped !== after.stopped ||
    before.mode !== after.mode ||
    moved(before.speedRpm, after.speedRpm, WORTH.speedShare * (before.speedRpm ?? 0)) ||
    moved(before.loadPercent, after.loadPercent, WORTH.loadPercent) ||
    moved(before.temperatureC, after.temperatureC, WORTH.temperatureC)
  );
}

/** In the order of their ids, so that two partitions which share machines cannot block each other. */
async function saveMachines(tx: Tx, ids: readonly string[], known: ReadonlyMap<string, MachineState>): Promise<void> {
  if (ids.length === 0) return;
  const rows = ids.map((id) => known.get(id)!);
  await tx.query(
    `insert into analytics_machine as known (tenant_id, machine_id, stopped, since_ms, operating)
     select $1, * from unnest($2::uuid[], $3::boolean[], $4::float8[], $5::json[])
     on conflict (tenant_id, machine_id) do update
       set stopped = excluded.stopped, since_ms = excluded.since_ms, operating = excluded.operating
       where known.since_ms <= excluded.since_ms`,
    [
      tx.tenantId,
      ids,
      rows.map((row) => row.stopped),
      rows.map((row) => row.atMs),
      rows.map(({ stopped: _, atMs: __, ...operating }) => JSON.stringify(operating)),
    ],
  );
}
