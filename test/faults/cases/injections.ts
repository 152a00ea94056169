import { strict as assert } from 'node:assert';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { assertBalanced } from '../oracle.ts';
import { settled } from '../platform.ts';
import { type RawHttp, rawHttp } from '../rawHttp.ts';
import { readingsOf, senderOf } from '../sender.ts';

/** Texts that mean something to SQL, Flux, InfluxQL or line protocol, if anybody ever pastes them into one. */
const CORPUS = [
  "'; drop table telemetry; --",
  "' or '1'='1",
  "' union select secret_hash from device --",
  "'); delete from ingest_ledger; --",
  '$1',
  '$$; select pg_sleep(20); $$',
  "\\'; truncate telemetry; --",
  "E'\\x27",
  '1; select pg_sleep(20)',
  "' || pg_sleep(20) || '",
  '%',
  '_',
  '") |> drop(columns: ["_value"])',
  '") |> yield() from(bucket: "_monitoring") |> range(start: 0',
  'r["_measurement"] == "x" or true',
  `${'$'}{r._value}`,
  '"}) import "influxdata/influxdb/schema"',
  'x" or r.tenant != "x',
  "x' OR time > 0 --",
  'a,tenant=other value=1',
  'a b=1',
  'a\\',
  'a\\ b\\,c\\=d',
  'a\nb value=1',
  '{{7*7}}',
  `${'$'}{7*7}`,
  'null',
  '..',
];
const EVERYTHING = { from: '0', to: String(2n ** 62n) };

export const injections: FaultCase = {
  id: '38',
  title: 'SQL, Flux and line-protocol injections are literals: as names, units, and in every query',
  run: async (rig) => {
    const rounds = rig.pick(1, 20);
    const run = await loaded(rig, { devices: ['inject', 'bystander'], idle: true });
    const sender = await senderOf(rig, run, 'inject');
    const bystander = await senderOf(rig, run, 'bystander');
    const baseMs = Date.now() - 3_600_000;
    await bystander.all(Array.from({ length: 50 }, (_, i) => `{"point":"calm","value":${i},"time":${baseMs + i}}`));
    // Signed in once: a person has few sessions at a time, and each round would end an older one.
    const send = await rawHttp(run);
    let acknowledged = 0;
    let lost = 0;
    let doubled = 0;
    for (let round = 0; round < rounds; round++) {
      const texts = CORPUS.map((text) => (round === 0 ? text : spliced(rig, text)));
      const points = [...new Set(texts)].map((text, index) => ({ text, value: index + 0.25, time: baseMs + round }));
      await sender.all(
        points.map(({ text, value, time }) => JSON.stringify({ point: text, value, time, unit: text.slice(0, 16) })),
      );
      assertBalanced(await settled(run.api, 30_000));
      const refused = await quarantinedPoints(run);
      for (const { text, value, time } of points) {
        acknowledged++;
        if (refused.has(text)) continue;
        const found = (await readingsOf(run, `inject/${text}`)).filter(
          (one) => BigInt(one.time) / 1_000_000n === BigInt(time),
        );
        if (found.length !== 1 || found[0]!.value !== value || found[0]!.unit !== text.slice(0, 16)) lost++;
        doubled += Math.max(0, found.length - 1);
      }
      rig.tell(`round ${round + 1} of ${rounds}: asking`);
      await askEverywhere(send, texts);
    }
    // Nobody read, changed or removed what belongs to another name.
    assert.equal((await readingsOf(run, 'bystander/calm')).length, 50);
    assertBalanced(await settled(run.api, 30_000));
    return {
      ...{ case: '38', injected: `${rounds} × ${CORPUS.length} injections`, acknowledged, lost, doubled },
      slowestRecoveryMs: null,
    };
  },
};

/** Two of the corpus run together: each round asks something else. */
function spliced(rig: FaultRig, text: string): string {
  return (text + rig.random.pick(CORPUS)).slice(0, 100);
}

async function quarantinedPoints(run: Loaded): Promise<Set<string>> {
  const points = new Set<string>();
  for (const { id } of await run.api.list<{ id: string }>('/api/v1/quarantine?device=inject&limit=200')) {
    const { payloadText } = await run.api.get<{ payloadText: string }>(`/api/v1/quarantine/${id}`);
    points.add((JSON.parse(payloadText) as { point: string }).point);
  }
  return points;
}

/** Every read of the intake with the text in each of its places: an empty answer or a clear refusal, at once. */
async function askEverywhere(send: RawHttp, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const named = encodeURIComponent(text);
    const query = (path: string, values: Record<string, string>) => `${path}?${new URLSearchParams(values)}`;
    const asked: [string, boolean][] = [
      [query('/api/v1/telemetry/range', { ...EVERYTHING, series: `nobody/${text}` }), true],
      [query('/api/v1/telemetry/range', { ...EVERYTHING, series: 'bystander/calm', cursor: text }), false],
      [query('/api/v1/telemetry/range', { from: text, to: text, series: 'bystander/calm' }), false],
      [query('/api/v1/telemetry/windows', { ...EVERYTHING, series: 'bystander/calm', window: text }), false],
      [
        query('/api/v1/telemetry/windows', {
          ...EVERYTHING,
          series: 'bystander/calm',
          window: '365d',
          aggregate: text,
        }),
        false,
      ],
      [query('/api/v1/telemetry/latest', { device: text }), true],
      [query('/api/v1/telemetry/count', { device: text, point: text }), true],
      [query('/api/v1/waveforms', { device: text }), true],
      [query('/api/v1/quarantine', { device: text }), true],
      [query('/api/v1/quarantine', { reason: text, device: text }), true],
      [`/api/v1/devices/${named}`, false],
      [`/api/v1/points/${named}/${named}/status`, false],
    ];
    for (const [path, empty] of asked) {
      const startedMs = performance.now();
      const { status, text: answer } = await send('GET', path);
      assert.ok(status < 500, `${path} was answered ${status}: ${answer}`);
      assert.ok(performance.now() - startedMs < 10_000, `${path} took ${performance.now() - startedMs} ms`);
      if (!empty || status !== 200) continue;
      const found = JSON.parse(answer) as { items: unknown[] };
      assert.equal(found.items.length, 0, `${path} found what is not its own: ${answer.slice(0, 200)}`);
    }
  }
}
