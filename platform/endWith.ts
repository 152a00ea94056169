import { inspect } from 'node:util';
import { ConfigError } from './config/load.ts';
import { FaultlineError } from './errors/errors.ts';

/** Ends a program by what it could not do: in words where we have them, with all that is known where we do not. */
export function endWith(error: unknown, code: number): never {
  const text = error instanceof ConfigError || error instanceof FaultlineError ? error.message : inspect(error);
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
