/** What the header of a waveform block says; everything its decoder needs. */
export interface WaveformBlock {
  point: string;
  samplingRateHz: number;
  unit: 'g' | 'm/s2' | 'mm/s';
  axis?: string;
  speedRpm?: number;
  loadPercent?: number;
  encoding: 'int16' | 'float32';
  /** Device time of the first sample. */
  timeNs: bigint;
  boot?: string;
  seq?: number;
  sentAtNs?: bigint;
  /** What time it is in a simulation that runs at another time than we. */
  simulatedNowNs?: bigint;
  samples: Float32Array;
}

const MAGIC = Buffer.from('FLW1');

/**
 * Encodes one block: `FLW1`, header length (u32 LE), header (JSON), samples (little endian).
 *
 * int16 is scaled so that the largest sample uses the full range; the header carries the scale.
 */
export function encodeWaveformBlock(block: WaveformBlock): Buffer {
  const { samples, timeNs, sentAtNs, simulatedNowNs, encoding, ...described } = block;
  let peak = 0;
  if (encoding === 'int16') for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const scale = encoding === 'int16' && peak > 0 ? peak / 32_767 : 1;
  const header = Buffer.from(
    JSON.stringify({
      ...described,
      encoding,
      scale,
      count: samples.length,
      time: timeNs.toString(),
      ...(sentAtNs === undefined ? {} : { sentAt: sentAtNs.toString() }),
      ...(simulatedNowNs === undefined ? {} : { simulatedNow: simulatedNowNs.toString() }),
    }),
  );
  const width = encoding === 'int16' ? 2 : 4;
  const bytes = Buffer.allocUnsafe(8 + header.length + samples.length * width);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(header.length, 4);
  header.copy(bytes, 8);
  let at = 8 + header.length;
  for (const sample of samples) {
    if (width === 2) bytes.writeInt16LE(Math.round(sample / scale), at);
    else bytes.writeFloatLE(sample, at);
    at += width;
  }
  return bytes;
}
