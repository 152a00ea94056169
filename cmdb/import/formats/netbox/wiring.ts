import type { RelationRow } from '../../rows.ts';
import type { CableEnd } from './cables.ts';
import type { CiKeys } from './cis.ts';
import { levelOf, roleOf } from './kinds.ts';
import { type NetboxObject, type NetboxObjects, nameOf } from './objects.ts';
import type { Path } from './paths.ts';
import { relation } from './relations.ts';

/**
 * What cables mean for impact. Power: a device needs what it is plugged into, one of several inlets is enough. Data:
 * what stands lower (a server, an access switch) reaches the rest through what stands higher (distribution, core, router,
 * and above all the circuit), one of several uplinks is enough; a panel matters where all uplinks run through it. Equals are
 * related without either needing the other.
 */
export function wiring(objects: NetboxObjects, keys: CiKeys, paths: readonly Path[]): RelationRow[] {
  const power = new Needs();
  const uplinks = new Needs();
  const peers: RelationRow[] = [];
  for (const path of paths) {
    const ends = [path.a, path.b] as const;
    const [from, to] = [keys.of(path.a.owner), keys.of(path.b.owner)];
    if (from === undefined || to === undefined || from === to) continue;
    const levels = [levelOfEnd(objects, path.a), levelOfEnd(objects, path.b)] as const;
    const inlet = ends.findIndex(({ kind }) => kind === 'dcim.powerport');
    if (inlet === 0) power.add(path.a.owner, from, to, path);
    else if (inlet === 1) power.add(path.b.owner, to, from, path);
    else if (levels[0] < levels[1]) uplinks.add(path.a.owner, from, to, path);
    else if (levels[1] < levels[0]) uplinks.add(path.b.owner, to, from, path);
    else peers.push(relation(path.a.owner, { from, type: 'RELATED_TO', to, sourceType: 'cable' }));
  }
  return [
    ...power.relations('DEPENDS_ON', 'power supply'),
    ...uplinks.relations('CONNECTED_TO', 'uplink'),
    ...uplinks.panels(keys),
    ...distinct(peers),
  ];
}

const CIRCUIT_LEVEL = 10;

function levelOfEnd(objects: NetboxObjects, { owner }: CableEnd): number {
  return owner.kind === 'circuits.circuit' ? CIRCUIT_LEVEL : levelOf(roleOf(objects, owner));
}

/** What each CI needs of one sort, collected so that several become a group. */
class Needs {
  readonly #of = new Map<string, { at: NetboxObject; to: Map<string, NetboxObject[][]> }>();

  add(at: NetboxObject, from: string, to: string, { through }: Path): void {
    const needs = this.#of.get(from) ?? { at, to: new Map<string, NetboxObject[][]>() };
    needs.to.set(to, [...(needs.to.get(to) ?? []), [...through]]);
    this.#of.set(from, needs);
  }

  relations(type: string, group: string): RelationRow[] {
    return [...this.#of].flatMap(([from, { at, to: all }]) =>
      [...all].map(([to, ways]) => {
        const panels = [...new Set(ways.flat().map((panel) => nameOf(panel)))];
        const attributes = panels.length === 0 ? {} : { through: panels.join(', ') };
        const needed = { from, type, to, sourceType: 'cable', group: all.size > 1 ? group : undefined };
        return relation(at, needed, attributes);
      }),
    );
  }

  /** Panels that every way runs through: without them nothing is reached. */
  panels(keys: CiKeys): RelationRow[] {
    return [...this.#of].flatMap(([from, { at, to: all }]) => {
      const ways = [...all.values()].flat();
      const shared = ways[0]!.filter((panel) => ways.every((way) => way.includes(panel)));
      return [...new Set(shared)].flatMap((panel) => {
        const to = keys.of(panel);
        if (to === undefined || to === from || all.has(to)) return [];
        return [relation(at, { from, type: 'CONNECTED_TO', to, sourceType: 'cable' })];
      });
    });
  }
}

function distinct(rows: readonly RelationRow[]): RelationRow[] {
  const seen = new Set<string>();
  return rows.filter(({ from, to }) => {
    const name = [from, to].sort().join('\n');
    return !seen.has(name) && seen.add(name);
  });
}
