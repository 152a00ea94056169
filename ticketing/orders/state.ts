/** The states of a work order, in the order of a life without detours. */
export const STATES = [
  'new',
  'assigned',
  'accepted',
  'in_progress',
  'on_hold',
  'completed',
  'closed',
  'cancelled',
] as const;
export type OrderState = (typeof STATES)[number];

/** What a person or a timer may do to an order's state. */
export const MOVES = [
  'assign',
  'accept',
  'decline',
  'start',
  'hold',
  'resume',
  'complete',
  'reopen',
  'close',
  'cancel',
] as const;
export type Move = (typeof MOVES)[number];

/**
 * Every legal move. What isn't written here is illegal. `decline` leads back to `new`: the dispatch that follows in
 * the same transaction decides whether the order goes to the next candidate or waits for a dispatcher.
 */
const TABLE = {
  new: { assign: 'assigned', cancel: 'cancelled' },
  assigned: { assign: 'assigned', accept: 'accepted', decline: 'new', cancel: 'cancelled' },
  accepted: { assign: 'assigned', start: 'in_progress', hold: 'on_hold', cancel: 'cancelled' },
  in_progress: { assign: 'assigned', hold: 'on_hold', complete: 'completed', cancel: 'cancelled' },
  on_hold: { assign: 'assigned', resume: 'in_progress', cancel: 'cancelled' },
  completed: { reopen: 'in_progress', close: 'closed' },
  closed: {},
  cancelled: {},
} as const satisfies Record<OrderState, Partial<Record<Move, OrderState>>>;

/** The state that a move leads to, or null where the move is illegal. */
export function nextState(from: OrderState, move: Move): OrderState | null {
  const row: Partial<Record<Move, OrderState>> = TABLE[from];
  return row[move] ?? null;
}

/** The moves that are legal from a state, for the console's buttons and for the text of a refusal. */
export function allowedMoves(from: OrderState): Move[] {
  return MOVES.filter((move) => nextState(from, move) !== null);
}

/** Whether the order still holds its fault's open key: until then a repeat of the fault is appended to it. */
export function isOpen(state: OrderState): boolean {
  return state !== 'closed' && state !== 'cancelled';
}

/** Whether the order counts towards its technician's load. */
export function occupies(state: OrderState): boolean {
  return state === 'assigned' || state === 'accepted' || state === 'in_progress' || state === 'on_hold';
}

/** Whether somebody has taken responsibility, which is what stops the response clock. */
export function isResponded(state: OrderState): boolean {
  return state !== 'new' && state !== 'assigned';
}

/** Whether the work is done or given up, which is what stops the resolution clock. */
export function isResolved(state: OrderState): boolean {
  return state === 'completed' || !isOpen(state);
}
