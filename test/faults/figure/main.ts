import type { StartStore } from '../faultCase.ts';
import { runCase } from '../runCase.ts';
import { tableOf } from '../table.ts';
import { drawOutage } from './drawOutage.ts';
import { type OutageOptions, outage } from './outage.ts';

/** Ten minutes, the store gone for four of them; draws `docs/figures/outage.png`. @returns the exit code */
export async function drawFigure(options: {
  seconds: number;
  seed: string;
  folder: string;
  store: StartStore;
  tell: (text: string) => void;
}) {
  const about: OutageOptions = {
    ...{ devices: 1000, ratePerSecond: 5000, seconds: options.seconds },
    seen: (course, row, storeName) => drawOutage(options.folder, about, course, row, storeName),
  };
  const result = await runCase(
    { id: 'outage', ...outage(about) },
    { scale: 'long', seed: options.seed, store: options.store, tell: options.tell },
  );
  console.log(`\n${tableOf([result])}`);
  if (result.failure !== null) console.log(`\n${result.failure}\nevidence: ${result.evidence}`);
  return result.failure === null ? 0 : 1;
}
