import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reasonOf, systemClock } from '../../platform/index.ts';
import { notRun } from './notRun.ts';
import { ProgressBar } from './progressBar.ts';
import type { EvaluationRow, Prediction, Suite } from './suite.ts';
import { SUITES } from './suites.ts';
import { tableLines } from './table.ts';

const USAGE = `npm run evaluate -- --data DIR [SUITE …] [options]
  --data DIR          folder with one sub-folder per suite, laid out as README.md in analytics/evaluate tells
  --json FILE         write the table as a list of {suite, case, ours, reference, bar, verdict, note}
  --predictions FILE  write the raw answer for every record or sample, one JSON object a line
  --figures DIR       write the pictures (SVG)
Suites: ${Object.keys(SUITES).join(', ')} (absent: all)`;

interface Gathered {
  predictions: Prediction[] | null;
  figures: string | null;
  /** Suites that ended by an error: the table shows them as not run, the exit code tells of them. */
  failed: string[];
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      data: { type: 'string' },
      json: { type: 'string' },
      predictions: { type: 'string' },
      figures: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.help || values.data === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const unknown = positionals.filter((name) => !(name in SUITES));
  if (unknown.length > 0) {
    console.error(`No suite named ${unknown.join(', ')}.\n${USAGE}`);
    return 2;
  }
  const data = resolve(values.data);
  if (!existsSync(data) || !statSync(data).isDirectory()) {
    console.error(`--data ${values.data} is not a folder; name the one that holds the suites' recordings.`);
    return 2;
  }
  if (values.figures !== undefined) mkdirSync(values.figures, { recursive: true });

  const gathered: Gathered = {
    predictions: values.predictions === undefined ? null : [],
    figures: values.figures ?? null,
    failed: [],
  };
  const bar = new ProgressBar(process.stderr, () => systemClock().nowMs());
  const rows: EvaluationRow[] = [];
  for (const name of Object.keys(SUITES)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const { suite } = await SUITES[name]!();
    rows.push(...(await runSuite(suite, data, gathered, bar)));
    bar.clear();
  }
  for (const line of tableLines(rows, process.stdout.isTTY === true)) console.log(line);
  const counts = (['met', 'missed', 'not run'] as const).map(
    (verdict) => `${rows.filter((row) => row.verdict === verdict).length} ${verdict}`,
  );
  console.log(`\n${counts.join(', ')}`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (values.predictions && gathered.predictions)
    writeFileSync(values.predictions, gathered.predictions.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  return gathered.failed.length > 0 ? 1 : 0;
}

async function runSuite(suite: Suite, data: string, gathered: Gathered, bar: ProgressBar): Promise<EvaluationRow[]> {
  const directory = suite.folder === null ? data : join(data, suite.folder);
  if (!existsSync(directory)) return notRun(suite, `there is no folder ${suite.folder} in the data`);
  try {
    return await suite.run({
      directory,
      progress: (done, total, what) => bar.show(suite.name, done, total, what),
      predict: (prediction) => gathered.predictions?.push(prediction),
      figure: (name, svg) => {
        if (gathered.figures !== null) writeFileSync(join(gathered.figures, `${name}.svg`), svg);
      },
    });
  } catch (error) {
    bar.clear();
    gathered.failed.push(suite.name);
    console.error(`${suite.name} could not run: ${reasonOf(error)}`);
    return notRun(suite, `could not run: ${reasonOf(error)}`);
  }
}

process.exitCode = await main();
