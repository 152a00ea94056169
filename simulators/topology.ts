import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { attach } from './attach/index.ts';
import { statusLine } from './statusLine.ts';
import { exportsIn, importExports } from './topology/exports.ts';
import { surveyLosses, verdictOf } from './topology/survey.ts';
import { importTold, surveyTold, verdictTold } from './topology/told.ts';

const USAGE = `npm run topology -- --from PATH [options]
  --from PATH     a folder with exports, or one: our CSV, JSON, YAML; NetBox, iTop, ServiceNow, Backstage, told by content
  --fail KEY      a CI that is lost; several fail together; KEY=degraded when it still works in part
  --source NAME   where the data come from, kept with each CI
  --json FILE     write import, survey and verdict
  --url URL --user NAME   into a system that runs; password in FAULTLINE_PASSWORD (absent: one in a fresh folder)`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      fail: { type: 'string', multiple: true, default: [] },
      source: { type: 'string' },
      json: { type: 'string' },
      url: { type: 'string' },
      user: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.from === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const files = await exportsIn(values.from);
  const failed = values.fail.map(failureOf);
  console.log(`${files.length} exports; ${values.url === undefined ? 'starting Faultline …' : `into ${values.url}`}`);
  const { api, stop } = await attach({ url: values.url, user: values.user, httpOnly: true });
  try {
    const imported = await importExports(api, files, values.source);
    console.log(importTold(imported));
    const status = statusLine();
    const survey = await surveyLosses(api, (done, of) => status.show(`${done} of ${of} losses tried`));
    status.end(`${survey.tried} losses tried`);
    console.log(surveyTold(survey));
    const verdict = failed.length === 0 ? null : await verdictOf(api, failed, 100);
    if (verdict !== null) console.log(`\n${verdictTold(values.fail, verdict)}`);
    if (values.json !== undefined) {
      const answer = { imported, survey: { ...survey, types: Object.fromEntries(survey.types) }, verdict };
      await writeFile(values.json, `${JSON.stringify(answer, null, 2)}\n`);
    }
    return 0;
  } finally {
    await stop();
  }
}

function failureOf(told: string): { ci: string; state: string } {
  const degraded = told.endsWith('=degraded');
  return { ci: degraded ? told.slice(0, -'=degraded'.length) : told, state: degraded ? 'degraded' : 'down' };
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
