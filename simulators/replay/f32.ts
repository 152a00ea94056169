import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type RecordedBlock, RecordingError, type WaveformRecord } from './record.ts';
import type { Sidecar } from './sidecar.ts';

export const BLOCK_SAMPLES = 16_384;
/** A tail shorter than this tells nothing by itself and is sent with the block before it. */
const SHORTEST_TAIL = 4_096;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Opens raw little-endian float32 samples beside their sidecar: one long recording, or acquisitions at intervals. */
export async function f32Record(path: string, name: string, sidecar: Sidecar): Promise<WaveformRecord> {
  const { size } = await stat(path);
  if (size === 0 || size % BYTES !== 0) {
    throw new RecordingError(`${basename(path)}: ${size} bytes are no whole number of float32 samples`);
  }
  const samples = size / BYTES;
  const { acquisitions, samplingRateHz } = sidecar;
  const pieces = acquisitions
    ? acquisitionPieces(path, samples, acquisitions)
    : blockPieces(samples).map((piece) => ({ ...piece, offsetSeconds: piece.start / samplingRateHz }));
  const last = pieces.at(-1)!;
  return {
    kind: 'waveform',
    name,
    path,
    samplingRateHz,
    unit: sidecar.unit,
    ...(sidecar.speedRpm === undefined ? {} : { speedRpm: sidecar.speedRpm }),
    ...(sidecar.orders === undefined ? {} : { orders: sidecar.orders }),
    durationSeconds: last.offsetSeconds + last.count / samplingRateHz,
    blocks: () => readPieces(path, pieces),
  };
}

interface Piece {
  start: number;
  count: number;
  offsetSeconds: number;
}

/** Cuts a recording into blocks; nothing is left out, and the last block is between 4,096 and 20,479 samples long. */
export function blockPieces(samples: number): { start: number; count: number }[] {
  const pieces: { start: number; count: number }[] = [];
  for (let start = 0; start < samples; start += BLOCK_SAMPLES) {
    const count = Math.min(BLOCK_SAMPLES, samples - start);
    const previous = pieces.at(-1);
    if (count < SHORTEST_TAIL && previous) previous.count += count;
    else pieces.push({ start, count });
  }
  return pieces;
}

function acquisitionPieces(path: string, samples: number, acquisitions: NonNullable<Sidecar['acquisitions']>): Piece[] {
  const { indices, periodSeconds } = acquisitions;
  const count = acquisitions.samplesEach ?? samples / indices.length;
  if (count * indices.length !== samples) {
    throw new RecordingError(
      `${basename(path)}: ${samples} samples, but its sidecar tells of ${indices.length} acquisitions of ${count}`,
    );
  }
  const first = indices[0]!;
  return indices.map((index, i) => ({ start: i * count, count, offsetSeconds: (index - first) * periodSeconds }));
}

async function* readPieces(path: string, pieces: readonly Piece[]): AsyncGenerator<RecordedBlock> {
  const file = await open(path);
  try {
    for (const { start, count, offsetSeconds } of pieces) {
      const bytes = Buffer.alloc(count * BYTES);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start * BYTES);
      if (bytesRead !== bytes.length) throw new RecordingError(`${basename(path)} became shorter while it was read`);
      const samples = new Float32Array(count);
      for (let i = 0; i < count; i++) samples[i] = bytes.readFloatLE(i * BYTES);
      yield { samples, offsetSeconds };
    }
  } finally {
    await file.close();
  }
}
