import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FLEET_SETTINGS, foretellFleetLife, learnFleetLife } from '../../prognosis/index.ts';
import { seededUniform } from '../../seededUniform.ts';
import type { EvaluationContext, EvaluationRow, Suite } from '../suite.ts';
import { type Engine, readEngines, readTest } from './engines.ts';
import { type Answer, drawLives } from './figure.ts';

const SEED = 20_261_122;
const SPLIT_FOLDS = 10;
/** Members of each model when every engine has to be held out in turn: fewer, for there are more models. */
const SPLIT_MEMBERS = 2;
const CUTS_PER_ENGINE = 10;
/** The test set of the challenge stops engines between 7 and 145 cycles before they fail, none younger than 31. */
const LEAST_LEFT = 7;
const MOST_LEFT = 145;
const LEAST_AGE = 31;

const CASES = {
  rmse: { case: 'RMSE, life capped at 125', reference: 'kNN 13.39; best papers 10.4–11.5', bar: '≤ 13.4, then 11.5' },
  score: { case: 'score per 100 engines', reference: 'kNN 322', bar: '≤ 322' },
  inside: { case: 'true life inside the 90 % interval', reference: '–', bar: '–' },
} as const;

/** Turbofans run to failure: a model of the fleet is trained here, by product code, and foretells engines not seen. */
export const suite: Suite = {
  name: 'cmapss',
  folder: 'cmapss',
  cases: Object.values(CASES),
  run: async (context) => {
    const names = readdirSync(context.directory)
      .flatMap((file) => /^train_(\w+)\.txt$/.exec(file)?.[1] ?? [])
      .sort();
    if (names.length === 0) throw new Error('there is no train_<name>.txt');
    return names.flatMap((name) => runSet(name, names.length > 1, context));
  },
};

function runSet(name: string, isOneOfMany: boolean, context: EvaluationContext): EvaluationRow[] {
  const fleet = readEngines(join(context.directory, `train_${name}.txt`));
  const test = readTest(context.directory, name);
  const answers = test ? foretellTest(name, fleet, test, context) : foretellSplit(name, fleet, context);
  for (const { record, unit, cycle, cycles } of answers)
    context.predict({ suite: 'cmapss', record: `${record}: unit ${unit}`, index: cycle, score: cycles });
  const protocol = test
    ? `official test file, ${test.length} engines`
    : `no test file: ${SPLIT_FOLDS} folds by engine, each held-out engine cut at ${CUTS_PER_ENGINE} random cycles ${LEAST_LEFT}–${MOST_LEFT} before its end`;
  context.figure(`cmapss-${name}`, drawLives(name, answers, protocol));
  return score(answers, `${name}: ${protocol}; seeded`, isOneOfMany ? `${name}: ` : '');
}

function foretellTest(
  name: string,
  fleet: readonly Engine[],
  test: readonly { engine: Engine; left: number }[],
  context: EvaluationContext,
): Answer[] {
  const model = learnFleetLife(
    fleet.map(({ course }) => course),
    FLEET_SETTINGS,
    seededUniform(SEED),
    (done, total) => context.progress(done, total, `training on ${name}`),
  );
  return test.flatMap(({ engine, left }) => {
    const told = foretellFleetLife(model, engine.course);
    const truth = Math.min(model.cap, left);
    return told ? [{ record: `test_${name}.txt`, unit: engine.unit, cycle: engine.course.length, truth, ...told }] : [];
  });
}

function foretellSplit(name: string, fleet: readonly Engine[], context: EvaluationContext): Answer[] {
  const random = seededUniform(SEED);
  const order = fleet.map((engine) => ({ engine, key: random() })).toSorted((a, b) => a.key - b.key);
  const settings = { ...FLEET_SETTINGS, members: SPLIT_MEMBERS };
  return Array.from({ length: SPLIT_FOLDS }, (_, fold) => {
    const taught = order.flatMap(({ engine }, rank) => (rank % SPLIT_FOLDS === fold ? [] : [engine.course]));
    const model = learnFleetLife(taught, settings, random, (done, total) =>
      context.progress(fold + done / total, SPLIT_FOLDS, `training on ${name}, fold ${fold + 1}`),
    );
    const held = order.flatMap(({ engine }, rank) => (rank % SPLIT_FOLDS === fold ? [engine] : []));
    return held.flatMap(({ unit, course }) =>
      Array.from({ length: CUTS_PER_ENGINE }, () => {
        const most = Math.min(MOST_LEFT, course.length - LEAST_AGE);
        const left = Math.floor(LEAST_LEFT + random() * Math.max(1, most - LEAST_LEFT + 1));
        const cycle = Math.max(LEAST_AGE, course.length - left);
        const told = foretellFleetLife(model, course.slice(0, cycle))!;
        return { record: `train_${name}.txt`, unit, cycle, truth: Math.min(model.cap, course.length - cycle), ...told };
      }),
    );
  }).flat();
}

function score(answers: readonly Answer[], note: string, prefix: string): EvaluationRow[] {
  const errors = answers.map(({ cycles, truth }) => cycles - truth);
  const rmse = Math.sqrt(errors.reduce((sum, d) => sum + d * d, 0) / errors.length);
  // Late is worse than early: A. Saxena et al., Damage propagation modeling for aircraft engine …, PHM 2008.
  const cost = errors.reduce((sum, d) => sum + (d < 0 ? Math.exp(-d / 13) : Math.exp(d / 10)) - 1, 0);
  const per100 = (100 * cost) / errors.length;
  const inside = answers.filter(({ truth, low, high }) => low <= truth && truth <= high).length;
  const row = (known: (typeof CASES)[keyof typeof CASES], rest: Pick<EvaluationRow, 'ours' | 'verdict' | 'note'>) => ({
    suite: 'cmapss',
    ...known,
    case: prefix + known.case,
    ...rest,
  });
  return [
    row(CASES.rmse, {
      ours: Number(rmse.toFixed(2)),
      verdict: rmse <= 13.4 ? 'met' : 'missed',
      note: `${note}${rmse <= 11.5 ? '; 11.5 is met as well' : '; 11.5 is not met'}`,
    }),
    row(CASES.score, {
      ours: Math.round(per100),
      verdict: per100 <= 322 ? 'met' : 'missed',
      note: `${errors.length} answers`,
    }),
    row(CASES.inside, {
      ours: `${((100 * inside) / answers.length).toFixed(1)} %`,
      verdict: 'not run',
      note: 'no bar; how honest the intervals are',
    }),
  ];
}
