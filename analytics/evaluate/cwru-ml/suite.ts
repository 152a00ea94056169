import type { EvaluationContext, EvaluationRow, Suite } from '../suite.ts';
import { drawConfusion } from './confusion.ts';
import { type Answer, accuracy, askShipped, type Rotation, rotate, wholeSizes } from './rotation.ts';
import { readWindows } from './windows.ts';

const LEAST = 0.7;
const REFERENCE = '1-NN 33–51 %';
const BAR = '≥ 70 % of windows';
const CASES = {
  largest: { case: 'largest size unseen', reference: REFERENCE, bar: BAR },
  all: { case: 'every rotation together', reference: REFERENCE, bar: BAR },
  worst: { case: 'worst rotation', reference: REFERENCE, bar: BAR },
  shipped: { case: 'classifier that ships', reference: '–', bar: BAR },
} as const;

const HOW =
  'Trained here in TypeScript on the other fault sizes, whole records on one side, asked as ONNX through the runner. The features were chosen on this set, so it is no blind test.';

/** A learned classifier across fault sizes on Case Western Reserve University's bearing rig. */
export const suite: Suite = {
  name: 'cwru-ml',
  folder: 'cwru',
  cases: Object.values(CASES),
  run: async (context) => {
    const { windows, notRun } = readWindows(context);
    const sizes = wholeSizes(windows);
    if (sizes.length < 2) {
      const note = `two fault sizes with inner, outer and ball are needed; there are ${sizes.length}. ${notRun.slice(0, 3).join('; ')}`;
      return Object.values(CASES).map((known) => ({
        suite: 'cwru-ml',
        ...known,
        ours: null,
        verdict: 'not run',
        note,
      }));
    }
    const rotations: Rotation[] = [];
    for (const [done, size] of sizes.entries()) {
      context.progress(done, sizes.length, `testing ${size} mil`);
      rotations.push(await rotate(windows, sizes, size));
    }
    const shipped = await askShipped(windows);
    predict(
      context,
      'cwru-ml',
      rotations.flatMap(({ answers }) => answers),
    );
    predict(context, 'cwru-ml/shipped', shipped);
    context.figure(
      'cwru-ml-confusion',
      drawConfusion('Fault classifier across fault sizes (CWRU, drive end)', rotations),
    );
    return rowsOf(rotations, shipped, notRun);
  },
};

function predict({ predict }: EvaluationContext, suite: string, answers: readonly Answer[]): void {
  for (const { window, said, probability } of answers) {
    predict({ suite, record: window.record, index: window.index, answer: said, score: probability });
  }
}

function rowsOf(
  rotations: readonly Rotation[],
  shipped: readonly Answer[],
  notRun: readonly string[],
): EvaluationRow[] {
  const worst = rotations.toSorted((a, b) => accuracy(a.answers) - accuracy(b.answers))[0]!;
  const all = rotations.flatMap(({ answers }) => answers);
  const absent = notRun.length > 0 ? ` ${notRun.length} not run: ${notRun.slice(0, 3).join('; ')}.` : '';
  const row = (
    known: (typeof CASES)[keyof typeof CASES],
    answers: Rotation['answers'],
    note: string,
  ): EvaluationRow => ({
    ...{ suite: 'cwru-ml', ...known, ours: `${(100 * accuracy(answers)).toFixed(1)} % of ${answers.length}` },
    ...{ verdict: accuracy(answers) >= LEAST ? 'met' : 'missed', note },
  });
  return [
    row(CASES.largest, rotations.at(-1)!.answers, `${tell(rotations.at(-1)!)} ${HOW}${absent}`),
    row(CASES.all, all, rotations.map(tell).join(' ')),
    row(CASES.worst, worst.answers, `${tell(worst)} ${weakest(worst.answers)}`),
    row(CASES.shipped, shipped, `Trained on simulated machines alone: it never saw this rig. ${weakest(shipped)}`),
  ];
}

function tell({ testMil, trainedMil, answers }: Rotation): string {
  const healthy = answers.some(({ window }) => window.label === 'normal') ? '' : ', no healthy record left to test';
  return `${trainedMil.join('+')} → ${testMil}: ${(100 * accuracy(answers)).toFixed(1)} %${healthy}.`;
}

/** Which class is hardest there. */
function weakest(answers: readonly Answer[]): string {
  const labels = [...new Set(answers.map(({ window }) => window.label))];
  const shares = labels.map((label) => ({
    label,
    share: accuracy(answers.filter(({ window }) => window.label === label)),
  }));
  const least = shares.toSorted((a, b) => a.share - b.share)[0]!;
  return `Hardest: ${least.label}, ${Math.round(100 * least.share)} %.`;
}
