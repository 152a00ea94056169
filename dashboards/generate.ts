import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prometheusRules } from './alerts/prometheusRules.ts';

/** Everything in this folder that other programs read, by the file that it is kept in. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'alerts/faultline.rules.yml': prometheusRules,
};

export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

if (import.meta.main) for (const [file, make] of Object.entries(GENERATED)) writeFileSync(pathOf(file), make());
