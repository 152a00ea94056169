import type { Tx } from '../../platform/index.ts';

/** What can be tied to a CI, with the label of its node and its relation to the CI. */
export const TIE_KINDS = {
  work_order: { label: 'WorkOrder', relation: 'ABOUT' },
  anomaly: { label: 'Anomaly', relation: 'ON' },
} as const;
export type TieKind = keyof typeof TIE_KINDS;

/** Something of another part that is open now and stands at a CI. */
export interface Tie {
  readonly id: string;
  readonly ciId: string;
  /** As people ask by them; no names of persons, no secrets. */
  readonly properties: Readonly<Record<string, string | number | boolean | Date | null>>;
}

/**
 * Where the graph in Neo4j learns what is tied to CIs. It is asked for the state as it stands, so that neither the order
 * in which news arrives nor its repetition matters. Leaves out: what is closed, and what has no CI.
 */
export interface TieSource {
  readonly kind: TieKind;
  /** Of these, those that are open; all that are open without ids. Read in the caller's transaction. */
  open(tx: Tx, ids?: readonly string[]): Promise<readonly Tie[]>;
}
