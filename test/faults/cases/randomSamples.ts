import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { FaultCase, FaultRow } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { assertBalanced } from '../oracle.ts';
import { settled } from '../platform.ts';
import { readingsOf, senderOf } from '../sender.ts';

const HOSTILE = [
  '\\',
  'a,b',
  'a=b',
  'a b',
  '"',
  "'",
  '\n',
  'ü',
  '温度',
  '😀',
  '__proto__',
  'constructor',
  '%00',
  '..',
  '_value',
];

const point = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Halves of surrogate pairs, too: no UTF-8 can carry them.
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.tuple(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 5 })).map((parts) => parts.join('')),
  fc.tuple(fc.string({ maxLength: 5 }), fc.constantFrom(...HOSTILE)).map((parts) => parts.join('')),
  fc.string({ minLength: 100, maxLength: 300 }),
);
/** As the text between `"value":` and the next comma. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)) },
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom('-0', '5e-324', '1.7976931348623157e308', '1e999', '-1e999', '0.1', '1e-400', '9007199254740993'),
  fc.constantFrom(
    'null',
    'true',
    '"12"',
    '"NaN"',
    'NaN',
    'Infinity',
    '[1]',
    '{}',
    '""',
    '0x10',
    '1.',
    '.5',
    '+1',
    '01',
  ),
);

export const randomSamples: FaultCase = {
  id: '11',
  title: 'random names and values: each comes back as it was sent, or lies in quarantine with its reason',
  run: async (rig) => {
    const count = rig.pick(600, 20_000);
    const run = await loaded(rig, { devices: ['fuzz'], idle: true });
    const sender = await senderOf(rig, run, 'fuzz');
    const seed = rig.random.uint32() | 0;
    const drawn = fc.sample(fc.record({ point, value }), { numRuns: count, seed });
    const baseNs = BigInt(Date.now() - 3_600_000) * 1_000_000n;
    const messages = drawn.map((one, index) => ({
      ...one,
      time: String(baseNs + BigInt(index) * 1_000_000n),
      text: '',
    }));
    for (const one of messages)
      one.text = `{"point":${JSON.stringify(one.point)},"value":${one.value},"time":"${one.time}"}`;
    rig.tell('publishing');
    await sender.all(messages.map(({ text }) => text));
    const ledger = await settled(run.api, 30_000);
    assertBalanced(ledger);
    rig.tell('reading back');
    const quarantined = await quarantinedTexts(run);
    const lost: string[] = [];
    let doubled = 0;
    for (const [series, sent] of Map.groupBy(messages, (one) => `fuzz/${one.point}`)) {
      const stored = sent.every(({ text }) => quarantined.has(text)) ? [] : await readingsOf(run, series);
      for (const one of sent) {
        const found = stored.filter(({ time }) => time === one.time);
        const right = found.some((reading) => reading.value === Number(one.value));
        if (quarantined.has(one.text) ? found.length > 0 : !right) lost.push(one.text);
        doubled += Math.max(0, found.length - 1);
      }
    }
    assert.ok(ledger.stored > count / 4 && ledger.quarantined > count / 20, `hardly a test: ${JSON.stringify(ledger)}`);
    const row: FaultRow = {
      ...{ case: '11', injected: `${count} random samples`, acknowledged: count, lost: lost.length, doubled },
      slowestRecoveryMs: null,
      note:
        lost.length > 0 ? lost.slice(0, 3).join(' ') : `${ledger.stored} stored, ${ledger.quarantined} in quarantine`,
    };
    return row;
  },
};

async function quarantinedTexts(run: Loaded): Promise<Set<string>> {
  const texts = new Set<string>();
  for (const { id, reason } of await run.api.list<{ id: string; reason: string }>('/api/v1/quarantine?limit=200')) {
    assert.ok(reason.length > 10, `a reason that explains nothing: ${reason}`);
    const { payloadBase64 } = await run.api.get<{ payloadBase64: string }>(`/api/v1/quarantine/${id}`);
    texts.add(Buffer.from(payloadBase64, 'base64').toString());
  }
  return texts;
}
