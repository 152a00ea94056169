export type {
  DamagedRange,
  NewRecord,
  RecordHeader,
  Spool,
  SpoolBatch,
  SpoolRecord,
  SpoolState,
  SpoolStatistics,
  TopicKind,
} from './types.ts';
export { SPOOL_FULL } from './types.ts';
