import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prometheusRules } from './alerts/prometheusRules.ts';
import { thresholdsDashboard } from './grafana/thresholdsDashboard.ts';

/** Everything in this folder that other programs read, by the file that it is kept in. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'alerts/faultline.rules.yml': prometheusRules,
  'grafana/thresholds.generated.json': thresholdsDashboard,
};

export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

if (import.meta.main) for (const [file, make] of Object.entries(GENERATED)) writeFileSync(pathOf(file), make());
