export { type Audit, auditJournal, type FoundSample } from './audit.ts';
export { type LoadDevice, type LoadOptions, type LoadResult, type RunningLoad, startLoad } from './generator.ts';
export { type Acknowledged, PubackJournal, readJournal } from './journal.ts';
