import { expect, test } from 'vitest';
import { readPart } from '../../ingest/decode/index.ts';
import { blockParts } from './blockParts.ts';
import { encodeWaveformBlock } from './waveformBlock.ts';

const block = encodeWaveformBlock({
  ...{ point: 'de', samplingRateHz: 12_000, unit: 'g', encoding: 'float32', timeNs: 1_790_000_000_123_456_789n },
  samples: Float32Array.from({ length: 1000 }, (_, index) => index / 7),
});

test('the parts, as the intake reads them, give back header and samples', () => {
  const parts = blockParts(block, 999).map((part) => readPart(part)!);
  expect(parts.map(({ block: told }) => [told.part, told.parts, told.bytes])).toEqual(
    [1, 2, 3, 4, 5].map((part) => [part, 5, 4000]),
  );
  const headerEnd = 8 + block.readUInt32LE(4);
  expect(Buffer.concat(parts.map(({ samples }) => samples))).toEqual(block.subarray(headerEnd));
  const { block: _block, ...header } = parts[4]!.header;
  expect(header).toEqual(JSON.parse(block.toString('utf8', 8, headerEnd)));
});

test('a block that is small enough stays as it is', () => {
  expect(blockParts(block, 4000)).toEqual([block]);
});
