import { jsonArray, jsonSequence, type Tx } from '../../platform/index.ts';
import type { Choice, Score } from './score.ts';

export type AssignmentState = 'offered' | 'accepted' | 'declined' | 'expired' | 'withdrawn';

/** One offer of an order to a technician, with why it was them. */
export interface Assignment {
  readonly round: number;
  readonly technicianId: string;
  readonly technicianName: string;
  readonly state: AssignmentState;
  readonly choice: StoredChoice;
  readonly offeredAt: Date;
  readonly answeredAt: Date | null;
  readonly note: string | null;
}

/** The reasons as they are kept: the best candidates with their scores, the others counted by why they were out. */
export interface StoredChoice {
  readonly because: string;
  readonly ranking: readonly Score[];
  readonly excluded: Choice['excluded'];
}

export function storedChoice({ because, ranking, excluded }: Choice): StoredChoice {
  return { because, ranking, excluded };
}

export interface NewAssignment {
  readonly orderId: string;
  readonly round: number;
  readonly technicianId: string;
  readonly technicianName: string;
  readonly choice: StoredChoice;
}

/** Writes offers, of any number of orders, in one statement. */
export async function insertAssignments(tx: Tx, offers: readonly NewAssignment[], at: Date): Promise<void> {
  if (offers.length === 0) return;
  await tx.query(
    `insert into assignment
       (tenant_id, order_id, round, technician_id, technician_name, state, choice, offered_at)
     select $1, a.order_id, a.round, a.technician_id, a.technician_name, 'offered', a.choice, $2
       from unnest($3::uuid[], $4::integer[], $5::uuid[], $6::text[], ${jsonArray('$7', 'json')})
         as a (order_id, round, technician_id, technician_name, choice)`,
    [
      tx.tenantId,
      at,
      offers.map((o) => o.orderId),
      offers.map((o) => o.round),
      offers.map((o) => o.technicianId),
      offers.map((o) => o.technicianName),
      jsonSequence(offers.map((o) => o.choice)),
    ],
  );
}

/** All offers of one order, oldest first. */
export async function readAssignments(tx: Tx, orderId: string): Promise<Assignment[]> {
  const { rows } = await tx.query<Assignment>(
    `select round, technician_id as "technicianId", technician_name as "technicianName", state, choice,
            offered_at as "offeredAt", answered_at as "answeredAt", note
       from assignment where order_id = $1 order by round`,
    [orderId],
  );
  return rows;
}

/** Ends the order's live offer, if it has one. */
export async function answerAssignment(
  tx: Tx,
  orderId: string,
  state: Exclude<AssignmentState, 'offered'>,
  at: Date,
  note: string | null = null,
): Promise<void> {
  await tx.query(
    `update assignment set state = $2, answered_at = $3, note = coalesce($4, note)
      where order_id = $1 and state in ('offered', 'accepted')`,
    [orderId, state, at, note],
  );
}
