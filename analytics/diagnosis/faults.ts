export type BearingFault = 'inner' | 'outer' | 'ball' | 'cage';
/** Faults that geometry and shaft speed can name. */
export type Fault = BearingFault | 'unbalance' | 'misalignment' | 'looseness' | 'gear' | 'electrical' | 'lubrication';
export type ShaftFault = Exclude<Fault, BearingFault>;
