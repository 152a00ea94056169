import type { StoredWaveform } from '../store/waveformStore.ts';

/** A stored block as a device would send it: `FLW1`, header length, header, samples; the decoder reads it back. */
export function encodeBlock(block: StoredWaveform): Buffer {
  const header: Record<string, unknown> = {
    point: block.point,
    samplingRateHz: block.samplingRateHz,
    unit: block.unit,
    scale: block.scale,
    encoding: block.encoding,
    time: block.timeNs.toString(),
    count: block.sampleCount,
  };
  if (block.axis !== null) header.axis = block.axis;
  if (block.speedRpm !== null) header.speedRpm = block.speedRpm;
  if (block.loadPercent !== null) header.loadPercent = block.loadPercent;
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.byteLength);
  return Buffer.concat([Buffer.from('FLW1'), length, text, block.raw]);
}
