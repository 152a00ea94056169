import type { Failure } from '../../impact/health.ts';
import type { FailedState } from '../../model/state.ts';
import { askingErrors } from '../errors.ts';

/** A number within its bounds. @throws {FaultlineError} CMDB_QUERY_ARGUMENT */
export function within(argument: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw askingErrors.CMDB_QUERY_ARGUMENT({ argument, problem: `is ${value}, and must be from ${least} to ${most}` });
}

/** A list that is not longer than it may be. @throws {FaultlineError} CMDB_QUERY_ARGUMENT */
export function few<T>(argument: string, list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  throw askingErrors.CMDB_QUERY_ARGUMENT({ argument, problem: `has ${list.length} entries, and may have ${most}` });
}

/** What a cursor says, by its form; null where none is given. @throws {FaultlineError} CMDB_QUERY_ARGUMENT */
export function cursorParts(cursor: string | null | undefined, form: RegExp): string[] | null {
  if (cursor === null || cursor === undefined) return null;
  const match = form.exec(cursor);
  if (match !== null) return [...match];
  throw askingErrors.CMDB_QUERY_ARGUMENT({ argument: 'cursor', problem: 'is no nextCursor of such a page' });
}

export interface FailureArgument {
  readonly ci: string;
  readonly state: FailedState;
  readonly since?: Date | null;
}

/** Failures as the impact takes them. */
export function failuresOf(argument: string, told: readonly FailureArgument[]): Failure[] {
  return few(argument, told, 1000).map(({ ci, state, since }) => ({ ciId: ci, state, sinceMs: since?.getTime() }));
}

export const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
