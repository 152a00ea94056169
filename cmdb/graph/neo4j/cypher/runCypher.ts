import neo4j, { type Transaction } from 'neo4j-driver';
import { cmdbErrors } from '../../../errors.ts';
import { inSession, type Neo4jDatabase } from '../session.ts';
import { otherOperators } from './allowedPlan.ts';
import { checkedText } from './checkText.ts';
import { CypherTextProblem } from './lex.ts';
import { plainValue } from './plainValue.ts';

export interface CypherQuestion {
  readonly query: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly mostRows: number;
  /** Shown in the server's own list of transactions. */
  readonly by: string;
}

export interface CypherAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** What was reached before the answer's end; null: the answer is whole. */
  readonly cut: 'rows' | 'bytes' | null;
}

/** Reads a graph by a person's own query. */
export type RunCypher = (question: CypherQuestion) => Promise<CypherAnswer>;

const MOST_BYTES = 8 * 1024 * 1024;
/** Questions that one process puts at the same time. */
const MOST_AT_ONCE = 4;

/**
 * Asks in a transaction that may only read, after EXPLAIN has shown that the plan does nothing but read the graph, and the
 * text that nothing is hidden from the plan. Rows are taken as they come, and no more than were asked for.
 *
 * @throws {FaultlineError} CMDB_CYPHER_…
 */
export function cypherRunner(at: Neo4jDatabase): RunCypher {
  let running = 0;
  return async (question) => {
    const text = textOrRefusal(question.query);
    if (running >= MOST_AT_ONCE) throw cmdbErrors.CMDB_CYPHER_BUSY({ most: MOST_AT_ONCE });
    running++;
    try {
      return await inSession(at, 'READ', async (session) => {
        const tx = await session.beginTransaction({
          timeout: question.timeoutMs,
          metadata: { app: 'faultline', by: question.by },
        });
        try {
          await explain(tx, text, question.parameters);
          return await answer(tx, text, question);
        } finally {
          await tx.rollback().catch(() => undefined); // it may be over already
        }
      });
    } catch (error) {
      throw toldAs(error, question.timeoutMs);
    } finally {
      running--;
    }
  };
}

function textOrRefusal(query: string): string {
  try {
    return checkedText(query);
  } catch (error) {
    if (error instanceof CypherTextProblem) {
      throw cmdbErrors.CMDB_CYPHER_REFUSED({ why: error.message }, { field: 'query' });
    }
    throw error;
  }
}

async function explain(tx: Transaction, text: string, parameters: CypherQuestion['parameters']): Promise<void> {
  const { summary } = await tx.run(`EXPLAIN ${text}`, { ...parameters });
  const others = summary.plan === false ? ['a plan that is not shown'] : otherOperators(summary.plan);
  if (summary.queryType === 'r' && others.length === 0) return;
  const why =
    others.length > 0
      ? `its plan holds ${others.join(', ')}, and only operators that read the graph are allowed`
      : 'it does more than read';
  throw cmdbErrors.CMDB_CYPHER_REFUSED({ why }, { field: 'query' });
}

async function answer(tx: Transaction, text: string, question: CypherQuestion): Promise<CypherAnswer> {
  const result = tx.run(text, { ...question.parameters });
  const rows: unknown[][] = [];
  let columns: readonly string[] = [];
  let bytes = 0;
  let cut: CypherAnswer['cut'] = null;
  for await (const record of result) {
    columns = record.keys as string[];
    if (rows.length === question.mostRows) cut = 'rows';
    const row = columns.map((column) => plainValue(record.get(column)));
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (cut === null && bytes > MOST_BYTES) cut = 'bytes';
    if (cut !== null) break;
    rows.push(row);
  }
  if (rows.length === 0 && cut === null) columns = (await result.keys()) as string[];
  return { columns, rows, cut };
}

/** What the server says, told as what the asker can do about it. */
function toldAs(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof neo4j.Neo4jError)) return error;
  const { code, message } = error;
  if (
    /TransactionTimedOut|TransactionTerminated|LockClientStopped/.test(code) ||
    /not completed within the timeout/.test(message)
  ) {
    return cmdbErrors.CMDB_CYPHER_SLOW({ seconds: timeoutMs / 1000 }, { cause: error });
  }
  if (/MemoryPoolOutOfMemory|OutOfMemory/.test(code)) return cmdbErrors.CMDB_CYPHER_MEMORY({}, { cause: error });
  if (code.startsWith('Neo.ClientError.Statement') || code.startsWith('Neo.ClientError.Procedure')) {
    return cmdbErrors.CMDB_CYPHER_WRONG({ problem: message.slice(0, 500) }, { field: 'query', cause: error });
  }
  return cmdbErrors.CMDB_CYPHER_AWAY({}, { cause: error });
}
