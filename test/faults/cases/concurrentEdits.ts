import { strict as assert } from 'node:assert';
import { type Api, ApiError } from '../../../simulators/attach/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { difference, graphOnNeo4j, ON_NEO4J } from '../onNeo4j.ts';

interface Ci {
  version: string;
  attributes: Record<string, number>;
}

interface ChainPart {
  broken: unknown;
  whole: boolean;
  last: { version: string } | null;
}

const SHARED = ['hub-0', 'hub-1', 'hub-2'];

export const concurrentEdits: FaultCase = {
  ...ON_NEO4J,
  id: '44',
  title:
    'many write the same CIs and relations at the same time: no edit is lost, the chain holds, both stores are equal',
  run: async (rig) => {
    const writers = 6;
    const rounds = rig.times(5, 100);
    const run = await graphOnNeo4j(rig);
    await run.api.post('/api/v1/cmdb/import', {
      cis: SHARED.map((key) => ({ key, type: 'server', attributes: { total: 0 } })),
    });
    let conflicts = 0;
    /** Again from what stands there now, whenever somebody else was quicker. */
    const insisting = async (code: string, edit: () => Promise<unknown>): Promise<void> => {
      for (;;) {
        try {
          return void (await edit());
        } catch (error) {
          if (!(error instanceof ApiError) || error.code !== code) throw error;
          conflicts++;
        }
      }
    };
    const targets = Array.from({ length: writers }, () =>
      Array.from({ length: rounds }, () => rig.random.pick(SHARED)),
    );
    const write = async (writer: number) => {
      for (const [round, key] of targets[writer]!.entries()) {
        rig.tell(`writer ${writer}, round ${round + 1} of ${rounds}`);
        await insisting('CMDB_CI_CHANGED', () => incremented(run.api, key));
        // Without a version: each names its own attribute, and what it does not name stays.
        await run.api.patch(`/api/v1/cmdb/cis/${key}`, { attributes: { [`writer${writer}`]: round } });
        await insisting('CMDB_IMPORT_MOVED', () => imported(run.api, `new-${writer}-${round}`, key));
        const tie = { from: SHARED[writer % 2], type: 'DEPENDS_ON', to: 'hub-2', attributes: { by: writer, round } };
        await run.api.put('/api/v1/cmdb/relations', tie);
      }
    };
    await Promise.all(targets.map((_, writer) => write(writer)));

    const hubs = await Promise.all(SHARED.map((key) => run.api.get<Ci>(`/api/v1/cmdb/cis/${key}`)));
    const counted = hubs.reduce((sum, { attributes }) => sum + attributes.total!, 0);
    let ownLost = 0;
    for (const [writer, keys] of targets.entries()) {
      for (const [at, key] of SHARED.entries()) {
        const last = keys.lastIndexOf(key);
        if (last >= 0 && hubs[at]!.attributes[`writer${writer}`] !== last) ownLost++;
      }
    }
    const news = (await run.api.list<{ key: string }>('/api/v1/cmdb/cis?q=new-&limit=200')).length;
    const edits = writers * rounds;
    const slowestRecoveryMs = await run.caughtUp();
    const { broken } = await chain(run.api);
    const comparison = await run.compare();
    const apart = difference(comparison);
    const row = {
      ...{ case: '44', injected: `${writers} writers on ${SHARED.length} CIs`, slowestRecoveryMs },
      acknowledged: 3 * edits,
      lost: edits - counted + (edits - news) + ownLost + apart.lost,
      doubled: Math.max(0, counted - edits) + apart.doubled,
      note: `${conflicts} told that somebody was quicker`,
    };
    rig.found(row);
    assert.equal(broken, null, 'the chain of the history is broken');
    assert.ok(conflicts > 0, 'nobody met anybody');
    assert.equal(comparison.record.relations, 2 + edits);
    return row;
  },
};

async function incremented(api: Api, key: string): Promise<void> {
  const { version, attributes } = await api.get<Ci>(`/api/v1/cmdb/cis/${key}`);
  await api.patch(`/api/v1/cmdb/cis/${key}`, {
    ...{ expectedVersion: version, attributes: { total: attributes.total! + 1 } },
  });
}

async function imported(api: Api, key: string, under: string): Promise<void> {
  const { version } = await api.get<{ version: string }>('/api/v1/cmdb/version');
  await api.post('/api/v1/cmdb/import', {
    ...{ expectedVersion: version, cis: [{ key, type: 'application' }] },
    relations: [{ from: key, type: 'RUNS_ON', to: under }],
  });
}

/** The first link that does not hold, over the whole chain. */
async function chain(api: Api): Promise<{ broken: unknown }> {
  for (let after = ''; ; ) {
    const part = await api.get<ChainPart>(`/api/v1/cmdb/audit${after}`);
    if (part.broken !== null || part.whole) return part;
    after = `?after=${part.last!.version}`;
  }
}
