export { openSpool, type SpoolOptions } from './openSpool.ts';
export { MAX_VENDOR_TOPIC_BYTES } from './record.ts';
export type {
  AcceptingSpool,
  DamagedRange,
  EncodedOrigin,
  NewRecord,
  RecordHeader,
  RecordOrigin,
  RecordTable,
  Spool,
  SpoolBatch,
  SpoolRecord,
  SpoolState,
  SpoolStatistics,
  SpoolStretch,
  TopicKind,
} from './types.ts';
export { appendWhole, SPOOL_FULL } from './types.ts';
