/**
 * The platform's second entry: clock, ids and errors, and nothing that loads a package. For what runs without the rest:
 * analysis threads, simulators and command lines, which must not pay for the server. `test/imports` keeps it so.
 */
export { type Clock, systemClock, type Timer } from './clock/clock.ts';
export { type ManualClock, manualClock } from './clock/manualClock.ts';
export { declaredErrors, defineErrors, FaultlineError, reasonOf } from './errors/errors.ts';
export { isId, newId } from './ids.ts';
