import { expect, test } from 'vitest';
import { absent } from '../engines/absent.ts';
import { FAULT_CASES } from './cases/index.ts';
import { nameOf, runCase } from './runCase.ts';
import { tableOf } from './table.ts';

const SEED = process.env.FAULT_SEED ?? 'ci';

const HERE = FAULT_CASES.filter((one) => one.elsewhere === undefined);

test.for(HERE.map((one) => ({ name: nameOf(one), one })))(
  'case $name: $one.title',
  {
    timeout: 180_000,
  },
  async ({ name, one }, { skip }) => {
    const lacking = one.lacks?.() ?? null;
    if (lacking !== null) {
      if (!one.optional) absent(`what fault case ${name} needs`, lacking);
      skip(lacking);
    }
    const result = await runCase(one, { scale: 'short', seed: SEED });
    console.log(`${tableOf([result])}\n(${Math.round(result.elapsedMs / 100) / 10} s)`);
    expect(result.failure).toBeNull();
  },
);
