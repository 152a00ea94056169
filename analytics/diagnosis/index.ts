export { analyseBlock } from './analyse.ts';
export { BEARING_FAULTS, type BearingDimensions, bearingOrdersOf, defectOrder, sidebandOrder } from './bearing.ts';
export { diagnose } from './diagnose.ts';
export { noteRun } from './hearRun.ts';
export { severityOf } from './iso20816.ts';
export { baselineOf } from './shaftDiagnosis.ts';
export { accumulate, type DiagnosisState, emptyState } from './state.ts';
export { decodeState, encodeState } from './stateCodec.ts';
export type * from './types.ts';
