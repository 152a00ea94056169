import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  encodeOrigin,
  findRecord,
  HeaderPlace,
  headerAt,
  MAX_HEADER_BYTES,
  MAX_VENDOR_TOPIC_BYTES,
  writeRecord,
} from './record.ts';
import type { EncodedOrigin, RecordOrigin } from './types.ts';

const secret = { marker: 0x51deb00c, seed: 0x1234567 };
const origin: RecordOrigin = {
  tenantId: '0190f5c0-0000-7000-8000-000000000001',
  deviceId: '0190f5c0-0000-7000-8000-0000000000d1',
  deviceName: '泵-3',
  kind: 'telemetry',
  format: 'mapped:0190f5c0-0000-7000-8000-0000000000aa',
  vendorTopic: 'plant/line 4/泵-3/temp',
};

function written(encoded: EncodedOrigin): Buffer {
  const bytes = Buffer.alloc(2048);
  const payload = Buffer.from('21.5');
  const end = writeRecord(bytes, 0, 77, secret, encoded, 12n, 1, false, payload, 0, payload.length);
  return bytes.subarray(0, end);
}

function parsed(record: Buffer) {
  const place = new HeaderPlace();
  expect(findRecord(record, 0, 77, secret, place)).toBe('sound');
  const { payload, end } = place;
  return { header: headerAt(record, place), headerBytes: payload, payloadBytes: end - payload };
}

test('the format and a vendor’s topic come back with the record', () => {
  expect(parsed(written(encodeOrigin(secret, origin)))).toMatchObject({ header: origin });
  const ours = { ...origin, vendorTopic: null };
  expect(parsed(written(encodeOrigin(secret, ours)))).toMatchObject({ header: ours });
});

test('the largest header is as large as MAX_HEADER_BYTES says, and no larger is made', () => {
  const largest = {
    ...origin,
    deviceName: 'n'.repeat(255),
    format: 'f'.repeat(63),
    vendorTopic: 't'.repeat(MAX_VENDOR_TOPIC_BYTES),
  };
  expect(parsed(written(encodeOrigin(secret, largest)))).toMatchObject({
    header: largest,
    headerBytes: MAX_HEADER_BYTES,
  });
  expect(() => encodeOrigin(secret, { ...largest, vendorTopic: 't'.repeat(MAX_VENDOR_TOPIC_BYTES + 1) })).toThrow(
    RangeError,
  );
  expect(() => encodeOrigin(secret, { ...largest, format: '' })).toThrow(RangeError);
});

test.each([
  ['telemetry', 'json'],
  ['waveform', 'flw1'],
] as const)('a %s record of layout 1, from before formats had names, is %s', (kind, format) => {
  const name = Buffer.from('pump-3');
  const bytes = Buffer.concat([
    Buffer.from(origin.tenantId.replaceAll('-', ''), 'hex'),
    Buffer.from(origin.deviceId.replaceAll('-', ''), 'hex'),
    Buffer.from([kind === 'telemetry' ? 0 : 1, name.length, 1, 0]),
    name,
  ]);
  const record = written({ bytes, crc: crc32(bytes, secret.seed) });
  expect(parsed(record)).toMatchObject({
    header: { ...origin, deviceName: 'pump-3', kind, format, vendorTopic: null },
    payloadBytes: 4,
  });
});
