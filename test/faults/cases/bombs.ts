import { strict as assert } from 'node:assert';
import { gzipSync } from 'node:zlib';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { assertBalanced } from '../oracle.ts';
import { metric, settled } from '../platform.ts';
import { rawHttp } from '../rawHttp.ts';
import { senderOf } from '../sender.ts';

const LAG_MS = 200;
const MIB = 1 << 20;

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
/** Length-delimited fields of protobuf within one another: each level says how long what follows is. */
function nestedProtobuf(field: number, depth: number): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  for (let level = 0; level < depth && length < 900_000; level++) {
    const header = [(field << 3) | 2];
    for (let rest = length; ; ) {
      header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
      rest >>>= 7;
      if (rest === 0) break;
    }
    pieces.unshift(Buffer.from(header));
    length += header.length;
  }
  return Buffer.concat(pieces);
}

/** What a device may send: topic leaf and payload, each of which must end in quarantine with a reason. */
const PAYLOADS: readonly (readonly [string, string, Buffer | string])[] = [
  ['JSON, 400,000 deep', 'telemetry', nested('[', ']', 400_000)],
  ['JSON objects, 100,000 deep', 'telemetry', `${'{"samples":['.repeat(100_000)}${']}'.repeat(100_000)}`],
  ['beyond all numbers', 'telemetry', '{"point":"p","value":1e999}'],
  ['a number of a million digits', 'telemetry', `{"point":"p","value":1${'0'.repeat(MIB)}}`],
  ['gzip of 200 MB of zeros', 'telemetry', gzipSync(Buffer.alloc(200 * MIB), { level: 1 })],
  ['CBOR, a million deep', 'telemetry/cbor', Buffer.alloc(MIB, 0x81)],
  ['CBOR that claims 2^60 entries', 'telemetry/cbor', Buffer.from('9b1000000000000000', 'hex')],
  ['SenML, 100,000 deep', 'telemetry/senml', nested('[', ']', 100_000)],
  ['SenML CBOR that claims 2^32 bytes', 'telemetry/senml-cbor', Buffer.from('5b0000000100000000', 'hex')],
  ['protobuf metrics within metrics', 'telemetry/sparkplug', nestedProtobuf(2, 300_000)],
  ['protobuf that claims 2 GB', 'telemetry/sparkplug', Buffer.from('12ffffffff07', 'hex')],
  ['CSV of a million empty fields', 'telemetry/csv', ','.repeat(MIB)],
  ['line protocol of one long escape', 'telemetry/line', '\\'.repeat(MIB)],
  ['a block whose header claims 4 GB', 'waveform', Buffer.from('464c5731ffffffff', 'hex')],
];

export const bombs: FaultCase = {
  id: '37',
  title: 'nesting, 1e999, gzip and protobuf bombs: refused or quarantined with a reason; the event loop lags < 200 ms',
  run: async (rig) => {
    const run = await loaded(rig, { devices: ['bomber', 'neighbour'], idle: true });
    const sender = await senderOf(rig, run, 'bomber');
    const neighbour = await senderOf(rig, run, 'neighbour');
    await lag(run);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    // What the machine's other work costs is not ours.
    const quietMs = await lag(run);
    const rounds = rig.pick(1, 50);
    let worst = { ms: 0, name: '' };
    for (let round = 0; round < rounds; round++) {
      for (const [name, leaf, payload] of PAYLOADS) {
        rig.tell(name);
        await sender.all([payload], leaf);
        await neighbour.all(['{"point":"p","value":1}']);
        await settled(run.api, 30_000);
        const ms = await lag(run);
        if (ms > worst.ms) worst = { ms, name };
      }
    }
    await overHttp(rig, run);
    const http = await lag(run);
    if (http > worst.ms) worst = { ms: http, name: 'over HTTP' };
    const ledger = await settled(run.api, 30_000);
    assertBalanced(ledger);
    const acknowledged = 2 * PAYLOADS.length * rounds;
    const quarantined = await run.api.list<{ reason: string }>('/api/v1/quarantine?device=bomber&limit=200');
    for (const { reason } of quarantined) assert.ok(reason.length > 10, reason);
    assert.ok(worst.ms < LAG_MS + quietMs, `the event loop stood still for ${worst.ms} ms (${worst.name})`);
    return {
      ...{ case: '37', injected: `${rounds} × ${PAYLOADS.length} bombs`, acknowledged, slowestRecoveryMs: null },
      ...{ lost: acknowledged - ledger.stored - ledger.quarantined - ledger.duplicate, doubled: 0 },
      note: `lag ${Math.round(worst.ms)} ms at most (${worst.name}), ${Math.round(quietMs)} ms at rest`,
    };
  },
};

/** The longest that the event loop stood still since the last call. */
async function lag(run: Loaded): Promise<number> {
  return 1000 * (await metric(run.api, 'faultline_process_nodejs_eventloop_lag_max_seconds'));
}

async function overHttp(rig: FaultRig, run: Loaded): Promise<void> {
  const gzip = gzipSync(Buffer.alloc(50 * MIB, '['), { level: 1 });
  const bodies: readonly (readonly [string, Buffer | string, Record<string, string>])[] = [
    ['nesting', nested('[', ']', 500_000), {}],
    ['nested objects', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`, {}],
    ['1e999', '{"name":"a","expectedIntervalMs":1e999}', {}],
    ['a gzip bomb', gzip, { 'content-encoding': 'gzip' }],
    ['a polluted prototype', '{"name":"a","__proto__":{"admin":true}}', {}],
    ['3 MB of nothing', `{"name":"${'x'.repeat(3_000_000)}"}`, {}],
  ];
  const send = await rawHttp(run);
  for (const path of ['/api/v1/devices', '/api/v1/cmdb/import', '/api/v1/session']) {
    for (const [name, body, headers] of bodies) {
      rig.tell(`${name} to ${path}`);
      const { status } = await send('POST', path, body, { 'content-type': 'application/json', ...headers });
      assert.ok(status >= 400 && status < 500, `${name} to ${path} was answered ${status}`);
    }
  }
}
