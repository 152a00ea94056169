import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog, systemClock } from '../../platform/index.ts';
import { decodeWaveform } from '../decode/index.ts';
import { openSpool } from '../spool/index.ts';
import { messagesIn, origin } from './block.fixture.ts';
import { openParts } from './openParts.ts';

const BLOCKS = 6;
const KILLS = [3, 17, 30, 41, 62];

/** Runs a process until it has acknowledged so many parts, and kills it in the middle of the next. */
async function killAfter(directory: string, acknowledgements: number): Promise<Set<string>> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'partsChild.fixture.ts'), directory, '0', String(BLOCKS)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  const lines = () => text.split('\n').slice(0, -1);
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (lines().length >= acknowledgements) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return new Set(lines());
}

test('kill -9 with parts in: no acknowledged part is lost, and every block is there, with one identity', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-parts-'));
  const acknowledged = new Set<string>();
  for (const kill of KILLS) for (const part of await killAfter(directory, kill)) acknowledged.add(part);
  expect(acknowledged.size).toBeGreaterThanOrEqual(Math.max(...KILLS));

  const clock = systemClock();
  const log = createLog('silent');
  const spool = await openSpool({ directory: join(directory, 'spool'), limitBytes: 1 << 30, clock, log });
  const parts = await openParts({ directory: join(directory, 'parts'), limitBytes: 1 << 28, spool, clock, log });
  // A device sends again what was not acknowledged, and that alone.
  for (let block = 0; block < BLOCKS; block++)
    for (const [index, message] of messagesIn(block).entries())
      if (!acknowledged.has(`${block}.${index}`)) parts.area.take(origin, clock.nowNs(), message, true);

  const blocks = async () => {
    const found = new Map<string, Buffer>();
    for (const { payload } of (await spool.read(spool.firstOffset(), 1 << 28)).records) {
      const decoding = decodeWaveform(payload);
      if (!decoding.ok) throw new Error(decoding.failure.reason);
      found.set(String(decoding.waveform.seq), Buffer.from(decoding.waveform.raw));
    }
    return found;
  };
  const deadline = performance.now() + 10_000;
  while ((await blocks()).size < BLOCKS && performance.now() < deadline) await clock.sleep(20);
  const found = await blocks();
  expect([...found.keys()].sort()).toEqual(Array.from({ length: BLOCKS }, (_, nth) => String(nth)));
  for (const [nth, raw] of found) expect(raw.equals(Buffer.alloc(raw.length, `block ${nth} `))).toBe(true);
  expect(parts.area.openSets).toBe(0);
  await parts.close();
  await spool.close();
  rmSync(directory, { recursive: true });
}, 60_000);
