import { describe, expect, it } from 'vitest';
import { encodeWaveformBlock } from './index.ts';

function decode(bytes: Buffer) {
  const headerLength = bytes.readUInt32LE(4);
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString());
  const body = bytes.subarray(8 + headerLength);
  const samples = Array.from({ length: header.count }, (_, i) =>
    header.encoding === 'int16' ? body.readInt16LE(2 * i) * header.scale : body.readFloatLE(4 * i) * header.scale,
  );
  return { magic: bytes.toString('latin1', 0, 4), header, samples, bodyLength: body.length };
}

const block = {
  point: 'de-h',
  samplingRateHz: 12_800,
  unit: 'g' as const,
  axis: 'radial',
  speedRpm: 1480.5,
  timeNs: 1_790_000_000_123_456_789n,
  seq: 7,
  samples: Float32Array.from([0, 0.5, -1.25, 0.001]),
};

describe('a waveform block', () => {
  it('float32: header and samples come back as they were', () => {
    const { magic, header, samples, bodyLength } = decode(encodeWaveformBlock({ ...block, encoding: 'float32' }));
    expect(magic).toBe('FLW1');
    expect(header).toEqual({
      point: 'de-h',
      samplingRateHz: 12_800,
      unit: 'g',
      axis: 'radial',
      speedRpm: 1480.5,
      seq: 7,
      encoding: 'float32',
      scale: 1,
      count: 4,
      time: '1790000000123456789',
    });
    expect(Float32Array.from(samples)).toEqual(block.samples);
    expect(bodyLength).toBe(16);
  });
  it('int16: the largest sample uses the full range, the others are within half a count', () => {
    const { header, samples } = decode(encodeWaveformBlock({ ...block, encoding: 'int16' }));
    expect(header.scale).toBeCloseTo(1.25 / 32_767, 12);
    samples.forEach((sample, i) => {
      expect(Math.abs(sample - block.samples[i]!)).toBeLessThanOrEqual(header.scale / 2 + 1e-9);
    });
  });
  it('int16 of silence keeps a scale of 1', () => {
    const { header, samples } = decode(
      encodeWaveformBlock({ ...block, samples: new Float32Array(3), encoding: 'int16' }),
    );
    expect(header.scale).toBe(1);
    expect(samples).toEqual([0, 0, 0]);
  });
});
