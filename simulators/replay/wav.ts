import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { blockPieces } from './f32.ts';
import { type RecordedBlock, RecordingError, type WaveformRecord } from './record.ts';
import type { Sidecar } from './sidecar.ts';

interface Format {
  encoding: 'pcm16' | 'pcm24' | 'float32';
  channels: number;
  samplingRateHz: number;
}

const PCM = 1;
const IEEE_FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const WIDTH = { pcm16: 2, pcm24: 3, float32: 4 } as const;

/**
 * Opens a RIFF/WAVE file: PCM of 16 or 24 bits, or float32; one record per channel. Full scale is 1 of the sidecar's
 * unit (g when there is no sidecar). The sampling rate is the file's own.
 */
export async function wavRecords(
  path: string,
  name: string,
  sidecar: Omit<Sidecar, 'samplingRateHz'>,
): Promise<WaveformRecord[]> {
  const bytes = await readFile(path);
  const fail = (why: string) => new RecordingError(`${basename(path)}: ${why}`);
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw fail('is no RIFF/WAVE file');
  }
  let format: Format | undefined;
  let data: Buffer | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const chunk = bytes.subarray(at + 8, at + 8 + size);
    if (id === 'fmt ') format = readFormat(chunk, fail);
    if (id === 'data') data = chunk;
    // Chunks begin at even offsets.
    at += 8 + size + (size & 1);
  }
  if (!format || !data || data.length === 0) throw fail('has no format or no samples');
  const { channels, samplingRateHz, encoding } = format;
  const frames = Math.floor(data.length / (WIDTH[encoding] * channels));
  return Array.from({ length: channels }, (_, channel) => ({
    kind: 'waveform' as const,
    name: channels === 1 ? name : `${name}#${channel + 1}`,
    path,
    samplingRateHz,
    unit: sidecar.unit,
    ...(sidecar.speedRpm === undefined ? {} : { speedRpm: sidecar.speedRpm }),
    ...(sidecar.orders === undefined ? {} : { orders: sidecar.orders }),
    durationSeconds: frames / samplingRateHz,
    blocks: () => channelBlocks(data, format, channel, frames),
  }));
}

function readFormat(chunk: Buffer, fail: (why: string) => Error): Format {
  if (chunk.length < 16) throw fail('has a format chunk that is too short');
  const tag = chunk.readUInt16LE(0);
  const bits = chunk.readUInt16LE(14);
  // WAVE_FORMAT_EXTENSIBLE hides the real format in the first two bytes of its GUID.
  const kind = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const channels = chunk.readUInt16LE(2);
  const samplingRateHz = chunk.readUInt32LE(4);
  if (channels < 1 || samplingRateHz < 1) throw fail('tells of no channel or no sampling rate');
  if (kind === PCM && bits === 16) return { encoding: 'pcm16', channels, samplingRateHz };
  if (kind === PCM && bits === 24) return { encoding: 'pcm24', channels, samplingRateHz };
  if (kind === IEEE_FLOAT && bits === 32) return { encoding: 'float32', channels, samplingRateHz };
  throw fail(`has format ${kind} of ${bits} bits; PCM of 16 or 24 bits and float32 can be read`);
}

async function* channelBlocks(
  data: Buffer,
  format: Format,
  channel: number,
  frames: number,
): AsyncGenerator<RecordedBlock> {
  const { encoding, channels, samplingRateHz } = format;
  const width = WIDTH[encoding];
  for (const { start, count } of blockPieces(frames)) {
    const samples = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const at = ((start + i) * channels + channel) * width;
      if (encoding === 'pcm16') samples[i] = data.readInt16LE(at) / 2 ** 15;
      else if (encoding === 'pcm24') samples[i] = data.readIntLE(at, 3) / 2 ** 23;
      else samples[i] = data.readFloatLE(at);
    }
    yield { samples, offsetSeconds: start / samplingRateHz };
  }
}
