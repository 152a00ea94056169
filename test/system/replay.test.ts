import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Defect, type MachineDesign, recordWaveform } from '../../simulators/machines/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const samplingRateHz = 12_800;
const bearing = { n: 9, ballDiameter: 11.906, pitchDiameter: 60, contactDeg: 0 };
const design: MachineDesign = {
  seed: 'replayed rig',
  ratedRpm: 1780,
  powerKw: 2,
  bearings: { DE: bearing, NDE: bearing },
  lineHz: 50,
  resonancesHz: [2600, 4100],
  residualUnbalanceMmS: 0.5,
  noiseG: 0.04,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-recordings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeRecording(name: string, defects: Defect[]) {
  const condition = { speedRpm: 1780, loadPercent: 90, defects };
  const acquisition = { samplingRateHz, sampleCount: 8 * 16_384, take: 1 };
  const { samples } = recordWaveform(design, { bearing: 'DE', axis: 'radial' }, condition, acquisition);
  writeFileSync(join(folder, `${name}.f32`), new Uint8Array(samples.buffer));
  const geometry = { n: 9, d_mm: 11.906, D_mm: 60, contact_deg: 0 };
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ fs_hz: samplingRateHz, rpm: 1780, unit: 'g', geometry }),
  );
}

interface Line {
  record: string;
  fault: string | null;
  confidence: number;
  order: string | null;
}

test('recordings are named by what is in them, whatever they are called; each fault has one order', async () => {
  writeRecording('outer (healthy, really)', []);
  writeRecording('轴承 inner #7', [{ kind: 'outer', bearing: 'DE', severity: 0.3 }]);
  writeRecording('normal', [{ kind: 'inner', bearing: 'DE', severity: 0.3 }]);
  writeFileSync(join(folder, 'broken.csv'), 'time,value\n1,2\n2,two\n');
  const answer = join(folder, 'answer.json');
  const args = ['simulators/replay.ts', '--dir', folder, '--once', '--json', answer];
  const run = await promisify(execFile)(process.execPath, args, { cwd: ROOT }).catch((error: unknown) => error);
  // What could not be read is told, and the exit code says so; the rest is replayed all the same.
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('broken.csv, line 3: "two" in column value') });

  const lines = JSON.parse(readFileSync(answer, 'utf8')) as Line[];
  const byName = new Map(lines.map((line) => [line.record, line]));
  expect(lines).toHaveLength(3);
  expect(byName.get('outer (healthy, really)')).toMatchObject({ fault: null, confidence: 0, order: null });
  expect(byName.get('轴承 inner #7')).toMatchObject({ fault: 'outer', order: expect.stringMatching(/\d/) });
  expect(byName.get('normal')).toMatchObject({ fault: 'inner', order: expect.stringMatching(/\d/) });
  expect(byName.get('normal')!.order).not.toBe(byName.get('轴承 inner #7')!.order);
});
