import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Course } from '../../prognosis/index.ts';

/** One engine: its number in the file, and one row per cycle of settings and sensors. */
export interface Engine {
  readonly unit: number;
  readonly course: Course;
}

/** Columns before the sensors' and settings': the unit and the cycle. */
const BEFORE = 2;

/**
 * Reads a table of engines, with or without a line of column names. Columns: unit, cycle, three settings, sensors.
 *
 * @throws {Error} when no row holds numbers
 */
export function readEngines(path: string): Engine[] {
  const byUnit = new Map<number, { cycle: number; row: number[] }[]>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const cells = line
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    if (cells.length <= BEFORE || !cells.every(Number.isFinite)) continue;
    const [unit, cycle, ...row] = cells as [number, number, ...number[]];
    const rows = byUnit.get(unit);
    if (rows) rows.push({ cycle, row });
    else byUnit.set(unit, [{ cycle, row }]);
  }
  if (byUnit.size === 0) throw new Error(`${path} holds no row of unit, cycle and sensors`);
  return [...byUnit].map(([unit, rows]) => ({
    unit,
    course: rows.toSorted((a, b) => a.cycle - b.cycle).map(({ row }) => row),
  }));
}

/** Engines that stop before they fail, and what each had left; null when either file is absent. */
export function readTest(directory: string, name: string): { engine: Engine; left: number }[] | null {
  const test = join(directory, `test_${name}.txt`);
  const lives = join(directory, `RUL_${name}.txt`);
  if (!existsSync(test) || !existsSync(lives)) return null;
  const left = readFileSync(lives, 'utf8').trim().split(/\s+/).map(Number);
  const engines = readEngines(test);
  if (left.length !== engines.length || !left.every(Number.isFinite))
    throw new Error(`RUL_${name}.txt tells ${left.length} lives for ${engines.length} engines`);
  return engines.map((engine, i) => ({ engine, left: left[i]! }));
}
