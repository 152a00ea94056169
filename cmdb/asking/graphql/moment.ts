import { type Moment, momentOf } from '../../history/moment.ts';
import { askingErrors } from '../errors.ts';

/** A moment that an argument names. @throws {FaultlineError} CMDB_QUERY_ARGUMENT */
export function momentArgument(argument: string, text: string): Moment {
  const moment = momentOf(text);
  if (moment !== null) return moment;
  throw askingErrors.CMDB_QUERY_ARGUMENT({
    argument,
    problem: 'must be a version of the graph as 17, or a time as 2026-03-31T08:00:00Z',
  });
}
