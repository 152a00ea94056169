import { plot } from '../plot.ts';

/** What was foretold of one engine at one cycle, and what came true; all capped. */
export interface Answer {
  readonly record: string;
  readonly unit: number;
  readonly cycle: number;
  readonly truth: number;
  readonly cycles: number;
  readonly low: number;
  readonly high: number;
}

/** Foretold against true remaining life, answers in order of the truth. */
export function drawLives(name: string, answers: readonly Answer[], protocol: string): string {
  const ordered = answers.toSorted((a, b) => b.truth - a.truth || a.unit - b.unit);
  const x = ordered.map((_, i) => i + 1);
  const errors = ordered.map(({ cycles, truth }) => cycles - truth);
  return plot(
    `${name}: remaining life of engines not seen in training`,
    `${protocol}. The truth falls from left to right; between the amber curves lies the 90 % interval.`,
    [
      {
        ...{ title: 'Remaining life', x: { label: 'answer, by true life' }, y: { label: 'cycles', low: 0, high: 135 } },
        series: [
          { name: 'truth', x, y: ordered.map(({ truth }) => truth), colour: 'ink' },
          { name: 'low', x, y: ordered.map(({ low }) => low), colour: 'limit' },
          { name: 'high', x, y: ordered.map(({ high }) => high), colour: 'limit' },
          { name: 'foretold', x, y: ordered.map(({ cycles }) => cycles), colour: 'curve', style: 'points' },
        ],
        heightPx: 320,
      },
      {
        ...{ title: 'Error: foretold minus true', x: { label: 'true remaining life, cycles' }, y: { label: 'cycles' } },
        series: [{ name: 'error', x: ordered.map(({ truth }) => truth), y: errors, colour: 'curve', style: 'points' }],
        limits: [{ at: 0, label: '' }],
      },
    ],
  );
}
