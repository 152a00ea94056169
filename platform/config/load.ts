import { readFileSync } from 'node:fs';
import { reasonOf } from '../errors/errors.ts';
import { type Config, configSchema, SECRET_KEYS } from './schema.ts';

/** All that is wrong with a configuration, one line a key, never with a secret's value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const KNOWN = Object.keys(configSchema.shape);

/**
 * Reads the configuration from the environment and, when `FAULTLINE_CONFIG` names one, a JSON file.
 * The environment wins over the file; `NAME_FILE` gives the path of a file that holds the value of `NAME`.
 *
 * @throws {ConfigError} that lists every problem at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const merged: Record<string, unknown> = { ...readConfigFile(env.FAULTLINE_CONFIG, problems) };
  for (const key of KNOWN) {
    const direct = env[key];
    const path = env[`${key}_FILE`];
    if (direct !== undefined && path !== undefined)
      problems.push(`${key}: give either ${key} or ${key}_FILE, not both`);
    else if (direct !== undefined && direct !== '') merged[key] = direct;
    else if (path !== undefined) merged[key] = readSecretFile(key, path, problems);
  }
  const parsed = configSchema.safeParse(merged);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const key = String(issue.path[0] ?? '');
      const given = SECRET_KEYS.has(key) || merged[key] === undefined ? '' : ` (given: ${JSON.stringify(merged[key])})`;
      problems.push(`${key}: ${issue.message}${given}`);
    }
  }
  if (parsed.data?.INFLUX_URL && !parsed.data.INFLUX_TOKEN)
    problems.push('INFLUX_TOKEN: INFLUX_URL needs it; give an all-access token of the organisation');
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return Object.freeze(parsed.data);
}

function readConfigFile(path: string | undefined, problems: string[]): Record<string, unknown> {
  if (!path) return {};
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
      throw new Error('it must hold one JSON object');
    const unknown = Object.keys(parsed).filter((key) => !KNOWN.includes(key));
    for (const key of unknown) problems.push(`${key}: not a setting; remove it from ${path} or correct its name`);
    return parsed as Record<string, unknown>;
  } catch (error) {
    problems.push(`FAULTLINE_CONFIG: ${path} cannot be read: ${reasonOf(error)}`);
    return {};
  }
}

function readSecretFile(key: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    problems.push(`${key}_FILE: ${path} cannot be read: ${reasonOf(error)}`);
    return undefined;
  }
}
