import { drawFound } from '../bearings/figures.ts';
import { hearFolder } from '../bearings/records.ts';
import { type Bar, barText, scoreCase } from '../bearings/score.ts';
import type { Suite } from '../suite.ts';

/** All right, none wrong: as shares, whatever the number of records. */
const BAR: Bar = { of: 14, leastRight: 14, mostWrong: 0 };
const KNOWN = { case: 'bearing diagnosis', reference: '14 right, 0 wrong of 14', bar: barText(BAR) };

/** The bearing rig of the Society for Machinery Failure Prevention Technology, several loads; nothing is trained. */
export const suite: Suite = {
  name: 'mfpt',
  folder: 'mfpt',
  cases: [KNOWN],
  run: async (context) => {
    const { records, notRun } = hearFolder('mfpt', context);
    drawFound('mfpt', context, records);
    const notes = notRun.length > 0 ? [`${notRun.length} not run: ${notRun.slice(0, 5).join(', ')}`] : [];
    const labelled = records.filter(({ recording }) => recording.label !== null);
    return [scoreCase({ suite: 'mfpt', ...KNOWN }, labelled, BAR, notes)];
  },
};
