import type { Clock, Database, Principal, Tx } from '../../../platform/index.ts';
import type { PastImpact } from '../../history/pastImpact.ts';
import type { Impact, ImpactQuestions } from '../../impact/impact.ts';
import type { Overlay } from '../../impact/overlay.ts';
import type { Ci } from '../../lookups/ci.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { readingAs } from '../../model/redaction.ts';
import { askingErrors } from '../errors.ts';
import type { SearchFilling } from '../search/fillSearch.ts';
import { Batch } from './batch.ts';
import { cisByIds, cisCalled } from './lookUps.ts';

/** What questions are answered from. */
export interface AskingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly impact: Impact & ImpactQuestions;
  readonly past: PastImpact;
  readonly filling: SearchFilling;
}

/** How long one query may take in all. */
export const TIMEOUT_MS = 10_000;
/** PostgreSQL: a statement was ended. */
const CANCELED = '57014';

/** One query in the making: who asks, on which model, what was looked up already, and until when. */
export class Session {
  readonly model: CmdbModel;
  readonly reader: Principal;
  readonly deps: AskingDeps;
  readonly cis: Batch<string, Ci>;
  readonly called: Batch<string, Ci>;
  readonly #untilMs: number;
  readonly #batches = new Map<string, Batch<string, unknown>>();
  #present: Promise<Overlay> | null = null;

  constructor(deps: AskingDeps, model: CmdbModel, reader: Principal) {
    this.deps = deps;
    this.model = model;
    this.reader = reader;
    this.#untilMs = deps.clock.nowMs() + TIMEOUT_MS;
    this.cis = new Batch((ids) => this.read((tx) => cisByIds(tx, ids)));
    this.called = new Batch((names) => this.read((tx) => cisCalled(tx, names)));
  }

  /** Reads as the one who asks, no longer than the query may take. @throws {FaultlineError} CMDB_QUERY_TIMEOUT */
  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const leftMs = Math.ceil(this.#untilMs - this.deps.clock.nowMs());
    if (leftMs <= 0) throw timeout();
    try {
      return await readingAs(this.deps.db, this.reader, async (tx) => {
        await tx.query("select set_config('statement_timeout', $1, true)", [String(leftMs)]);
        return work(tx);
      });
    } catch (error) {
      throw (error as { code?: string }).code === CANCELED ? timeout() : error;
    }
  }

  /** The batch for one kind of question; those that are asked alike share it. */
  batch<Value>(
    kind: string,
    question: unknown,
    load: (tx: Tx, ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Batch<string, Value> {
    const name = `${kind} ${JSON.stringify(question, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`;
    const known = this.#batches.get(name);
    if (known !== undefined) return known as Batch<string, Value>;
    const batch = new Batch<string, Value>((ids) => this.read((tx) => load(tx, ids)));
    this.#batches.set(name, batch);
    return batch;
  }

  /** The present states of all CIs, computed once for all that ask. */
  present(): Promise<Overlay> {
    const nothingSupposed = { fail: [], maintain: [], restore: [], reader: this.reader };
    this.#present ??= this.deps.impact.overlay(this.reader.tenantId, nothingSupposed);
    return this.#present;
  }
}

export function timeout(): Error {
  return askingErrors.CMDB_QUERY_TIMEOUT({ seconds: TIMEOUT_MS / 1000 });
}
