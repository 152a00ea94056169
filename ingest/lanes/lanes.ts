import {
  type AcceptingSpool,
  appendWhole,
  type EncodedOrigin,
  type NewRecord,
  type RecordOrigin,
  SPOOL_FULL,
  type Spool,
  type SpoolState,
  type SpoolStatistics,
} from '../spool/index.ts';
import { isHistory } from './history.ts';

/** An origin encoded for both spools. */
interface LanedOrigin extends EncodedOrigin {
  readonly history: EncodedOrigin;
}

interface Waiter {
  endOffset: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** A stretch of history between live records: it is durable only when the live records before it are, too. */
interface Stretch {
  liveBefore: number;
  historyBefore: number;
  historyEnd: number;
}

/**
 * Two spools that the front sees as one. Live data and history are kept apart from acceptance on, so that a flood of
 * history is not in front of live data in any queue. The offsets told here are the sum of both spools' ends: they grow
 * with each record, in the order of acceptance, which is the order in which a client must be acknowledged
 * (MQTT 3.1.1 §4.6).
 */
export class Lanes implements AcceptingSpool {
  readonly live: Spool;
  readonly history: Spool;
  readonly #stretches: Stretch[] = [];
  #waiting: Waiter[] = [];
  #liveEnd: number;
  #historyEnd: number;

  constructor(live: Spool, history: Spool) {
    this.live = live;
    this.history = history;
    this.#liveEnd = live.latestDurableOffset();
    this.#historyEnd = history.latestDurableOffset();
    for (const spool of [live, history]) spool.onDurable(() => this.#wake());
  }

  /** Of the process's spools: the live one's. */
  get id(): string {
    return this.live.id;
  }

  encodeOrigin(origin: RecordOrigin): LanedOrigin {
    return { ...this.live.encodeOrigin(origin), history: this.history.encodeOrigin(origin) };
  }

  append(record: NewRecord): number {
    return appendWhole(this, record);
  }

  appendSlice(
    origin: EncodedOrigin,
    arrivalNs: bigint,
    units: number,
    duplicate: boolean,
    source: Buffer,
    start: number,
    end: number,
  ): number {
    if (isHistory(arrivalNs, source, start, end)) {
      const { history } = origin as LanedOrigin;
      const historyEnd = this.history.appendSlice(history, arrivalNs, units, duplicate, source, start, end);
      if (historyEnd === SPOOL_FULL) return SPOOL_FULL;
      this.#note(historyEnd);
    } else {
      const liveEnd = this.live.appendSlice(origin, arrivalNs, units, duplicate, source, start, end);
      if (liveEnd === SPOOL_FULL) return SPOOL_FULL;
      this.#liveEnd = liveEnd;
    }
    return this.#liveEnd + this.#historyEnd;
  }

  /** Everything accepted before it is on disk, in whichever spool. */
  latestDurableOffset(): number {
    const live = this.live.latestDurableOffset();
    const history = this.history.latestDurableOffset();
    let done = 0;
    for (const { historyEnd, liveBefore } of this.#stretches) {
      if (historyEnd > history || liveBefore > live) break;
      done++;
    }
    if (done > 0) this.#stretches.splice(0, done);
    const next = this.#stretches[0];
    if (!next) return live + this.#historyEnd;
    return next.liveBefore <= live
      ? next.liveBefore + Math.max(history, next.historyBefore)
      : live + next.historyBefore;
  }

  flushed(endOffset: number): Promise<void> {
    if (endOffset <= this.latestDurableOffset()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ endOffset, resolve, reject }));
  }

  onDurable(listener: (durableOffset: number) => void): () => void {
    const tell = (): void => listener(this.latestDurableOffset());
    return both(this.live.onDurable(tell), this.history.onDurable(tell));
  }

  onState(listener: (state: SpoolState, reason: string | null) => void): () => void {
    return both(this.live.onState(listener), this.history.onState(listener));
  }

  onSpace(listener: () => void): () => void {
    return both(this.live.onSpace(listener), this.history.onSpace(listener));
  }

  state(): SpoolState {
    const state = this.live.state();
    return state === 'open' ? this.history.state() : state;
  }

  /** Of both together; what is full names its reason. */
  statistics(): SpoolStatistics {
    const [live, history] = [this.live.statistics(), this.history.statistics()];
    const sum = (field: SummedField): number => live[field] + history[field];
    return {
      state: this.state(),
      fullReason: live.fullReason ?? history.fullReason,
      firstOffset: sum('firstOffset'),
      durableOffset: this.latestDurableOffset(),
      pendingBytes: sum('pendingBytes'),
      diskBytes: sum('diskBytes'),
      limitBytes: sum('limitBytes'),
      segments: sum('segments'),
      recordsAppended: sum('recordsAppended'),
      groupsCommitted: sum('groupsCommitted'),
      tornBytes: sum('tornBytes'),
      damagedRanges: sum('damagedRanges'),
      damagedBytes: sum('damagedBytes'),
      writeErrors: sum('writeErrors'),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.live.close(), this.history.close()]);
    for (const { reject } of this.#waiting.splice(0))
      reject(new Error('the spool was closed before this record was on disk'));
  }

  #note(historyEnd: number): void {
    const last = this.#stretches.at(-1);
    if (last && last.liveBefore === this.#liveEnd && last.historyEnd === this.#historyEnd) last.historyEnd = historyEnd;
    else this.#stretches.push({ liveBefore: this.#liveEnd, historyBefore: this.#historyEnd, historyEnd });
    this.#historyEnd = historyEnd;
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const durable = this.latestDurableOffset();
    const still: Waiter[] = [];
    for (const waiter of this.#waiting) {
      if (waiter.endOffset <= durable) waiter.resolve();
      else still.push(waiter);
    }
    this.#waiting = still;
  }
}

type SummedField = {
  [F in keyof SpoolStatistics]: SpoolStatistics[F] extends number ? F : never;
}[keyof SpoolStatistics];

function both(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}
