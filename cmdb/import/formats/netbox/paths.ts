import { textOf } from '../sourceFile.ts';
import type { Cable, CableEnd } from './cables.ts';
import { type NetboxObject, type NetboxObjects, referenceText } from './objects.ts';

/** Two things that cables join, through patch panels or directly. */
export interface Path {
  readonly a: CableEnd;
  readonly b: CableEnd;
  /** Panels that it runs through, in order. */
  readonly through: readonly NetboxObject[];
}

/** A path through more panels than this is a loop of records. */
const MOST_PANELS = 20;

/** Where a signal comes out of a panel, and in which strand of the trunk it runs. */
interface Side {
  readonly end: CableEnd;
  readonly strand: string | undefined;
}

/** Follows cables from port to port through patch panels, front to rear, and through circuits from end to end. */
export function pathsOf(objects: NetboxObjects, cables: readonly Cable[]): Path[] {
  const paths = new Map<string, Path>();
  const plugged = new Map<string, readonly CableEnd[]>();
  for (const { a, b, object } of cables) {
    // Tables tell devices and no ports: there is nothing to follow.
    const [from, to] = [a[0]!, b[0]!];
    if (from.id === undefined || to.id === undefined) paths.set(`${object.file} ${object.line}`, pathOf(from, to, []));
    else {
      for (const end of a) plugged.set(portKey(end), b);
      for (const end of b) plugged.set(portKey(end), a);
    }
  }
  const inner = { fronts: frontPorts(objects), terminations: terminationsByCircuit(objects) };
  const onward = (end: CableEnd, strand: string | undefined) =>
    otherSides(objects, inner, end, strand).filter((side) => plugged.has(portKey(side.end)));
  const follow = (start: CableEnd, from: Side, through: readonly NetboxObject[]) => {
    for (const end of plugged.get(portKey(from.end)) ?? []) {
      const sides = through.length < MOST_PANELS ? onward(end, from.strand) : [];
      for (const side of sides) follow(start, side, [...through, end.owner]);
      const name = [portKey(start), portKey(end)].sort().join(' ');
      if (sides.length === 0 && !paths.has(name)) paths.set(name, pathOf(start, end, through));
    }
  };
  for (const { a, b } of cables) {
    for (const end of [...a, ...b]) {
      if (end.id !== undefined && !isPanelPort(end) && onward(end, undefined).length === 0)
        follow(end, { end, strand: undefined }, []);
    }
  }
  return [...paths.values()];
}

function pathOf(a: CableEnd, b: CableEnd, through: readonly NetboxObject[]): Path {
  return { a, b, through };
}

function portKey({ kind, id }: CableEnd): string {
  return `${kind}:${id}`;
}

function isPanelPort({ kind, id }: CableEnd): boolean {
  return id !== undefined && (kind === 'dcim.frontport' || kind === 'dcim.rearport');
}

/** Front ports by their rear port. */
function frontPorts(objects: NetboxObjects): Map<string, NetboxObject[]> {
  const fronts = new Map<string, NetboxObject[]>();
  for (const port of objects.of('dcim.frontport')) {
    const rear = referenceText(port.fields.rear_port);
    if (rear !== undefined) fronts.set(rear, [...(fronts.get(rear) ?? []), port]);
  }
  return fronts;
}

/** The ends of circuits by their circuit. */
function terminationsByCircuit(objects: NetboxObjects): Map<string, NetboxObject[]> {
  const ends = new Map<string, NetboxObject[]>();
  for (const one of objects.of('circuits.circuittermination')) {
    const circuit = referenceText(one.fields.circuit);
    if (circuit !== undefined) ends.set(circuit, [...(ends.get(circuit) ?? []), one]);
  }
  return ends;
}

interface Inner {
  readonly fronts: ReadonlyMap<string, readonly NetboxObject[]>;
  readonly terminations: ReadonlyMap<string, readonly NetboxObject[]>;
}

/** Where a signal leaves a panel or circuit that enters it at this port: in at the front, out at the rear, and back. */
function otherSides(
  objects: NetboxObjects,
  { fronts, terminations }: Inner,
  end: CableEnd,
  strand: string | undefined,
): Side[] {
  if (end.kind === 'circuits.circuittermination') {
    const ends = terminations.get(end.owner.id ?? '') ?? [];
    const others = ends.filter((one) => one.id !== null && one.id !== end.id);
    return others.map((one) => ({ end: { ...end, id: one.id! }, strand }));
  }
  if (!isPanelPort(end)) return [];
  if (end.kind === 'dcim.rearport') {
    const ports = fronts.get(end.id!) ?? [];
    const same = ports.filter((port) => strand === undefined || strandOf(port) === strand);
    return same.map((port) => ({ end: { ...end, kind: 'dcim.frontport', id: port.id ?? undefined }, strand }));
  }
  const front = objects.byId(end.kind, end.id!);
  const rear = referenceText(front?.fields.rear_port);
  if (front === undefined || rear === undefined) return [];
  return [{ end: { ...end, kind: 'dcim.rearport', id: rear }, strand: strandOf(front) }];
}

/** Which strand of its rear port's trunk a front port is. */
function strandOf({ fields }: NetboxObject): string {
  return textOf(fields.rear_port_position) ?? '1';
}
