import { execFileSync } from 'node:child_process';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { RULES } from './rules.ts';

const ROOTS = /^(platform|ingest|analytics|cmdb|ticketing|notify|console|dashboards|simulators|test)\/|^[^/]+\.ts$/;

/** Every source file of the tree, by git: what the check must have read to mean anything. */
function sources(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => ROOTS.test(file));
}

/** Cruises the given files under the house's rules. */
export async function checkImports(
  files: string[],
  baseDir = process.cwd(),
): Promise<{ read: number; violations: string[] }> {
  const { output } = await cruise(files, {
    baseDir,
    validate: true,
    ruleSet: RULES,
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json', '.css'],
      conditionNames: ['import', 'node', 'types', 'require'],
      exportsFields: ['exports'],
    },
  });
  const result = output as ICruiseResult;
  const read = result.modules.filter((module) => files.includes(module.source)).length;
  const violations = result.summary.violations
    .filter((violation) => violation.rule.severity === 'error')
    .map((violation) => `${violation.from} → ${violation.to}: ${violation.rule.name}`);
  return { read, violations };
}

if (import.meta.main) {
  const files = sources();
  const { read, violations } = await checkImports(files);
  for (const line of violations) console.error(line);
  console.log(`imports: ${read} of ${files.length} modules read, ${violations.length} violations`);
  if (read !== files.length || read === 0 || violations.length > 0) process.exitCode = 1;
}
