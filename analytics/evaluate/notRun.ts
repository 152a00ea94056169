import type { EvaluationRow, Suite } from './suite.ts';

/** The rows of a suite that could not run, each with the reason. */
export function notRun(suite: Suite, reason: string): EvaluationRow[] {
  return suite.cases.map((known) => ({
    suite: suite.name,
    ...known,
    ours: null,
    verdict: 'not run',
    note: reason,
  }));
}
