import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCase } from './faultCase.ts';

interface VitestReport {
  numPassedTests: number;
  testResults: { assertionResults: { status: string; title: string; duration?: number }[] }[];
}

/**
 * A case that tests of another folder prove: run here so that the table is whole. The suite leaves it out, for Vitest
 * finds those files by itself. Its row counts tests, not samples.
 *
 * @param files paths from the repository's root
 * @param named only tests whose full name matches
 */
export function provedBy(id: string, title: string, files: readonly string[], named?: RegExp): FaultCase {
  return {
    id,
    title,
    elsewhere: files,
    run: async (rig) => {
      const outputFile = join(rig.folder, 'report.json');
      const args = ['run', '--reporter=json', `--outputFile=${outputFile}`, ...files];
      const output = await vitest(named ? [...args, '-t', named.source] : args);
      const report = JSON.parse(readFileSync(outputFile, 'utf8')) as VitestReport;
      const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
      const failed = tests.filter(({ status }) => status === 'failed');
      assert.deepEqual(
        failed.map((one) => one.title),
        [],
        output,
      );
      return {
        ...{ case: id, injected: files.map((file) => file.replace(/\.test\.ts$/, '')).join(', ') },
        ...{ acknowledged: report.numPassedTests, lost: 0, doubled: 0, slowestRecoveryMs: null },
        note: `${report.numPassedTests} tests`,
      };
    },
  };
}

function vitest(args: readonly string[]): Promise<string> {
  const root = join(import.meta.dirname, '../..');
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: root, maxBuffer: 1 << 26 }, (_error, stdout, stderr) =>
      resolve((stdout + stderr).slice(-8000)),
    );
  });
}
