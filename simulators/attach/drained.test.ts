import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/pure.ts';
import { startTestApi } from './api.fixture.ts';
import { type Backlog, drained } from './index.ts';

let stop: (() => Promise<unknown>) | undefined;
afterEach(() => stop?.());

/** An API whose backlog is what the test says at each look. */
async function apiWith(looks: Partial<Backlog>[]) {
  let look = -1;
  const left = () => looks[Math.min(look, looks.length - 1)]!;
  const items = (many: number) => ({
    items: Array.from({ length: many }, () => ({ faultKey: 'f' })),
    nextCursor: null,
  });
  const server = await startTestApi((path, query) => {
    if (path === '/api/v1/ledger') {
      look++;
      return { pending: left().pending ?? 0 };
    }
    if (path === '/api/v1/analytics/progress') return { pendingBatches: left().unanalysed ?? 0 };
    if (path === '/api/v1/anomalies') return items(left().unordered ?? 0);
    if (path === '/api/v1/work-orders') return items(0);
    if (path === '/api/v1/notifications') return items(query.get('status') === 'pending' ? (left().unsent ?? 0) : 0);
    return undefined;
  });
  stop = server.stop;
  return server.api;
}

describe('waiting until all is done', () => {
  it('waits for each stage, and trusts a calm only when it sees it twice', async () => {
    const looks = [{ pending: 3 }, { unanalysed: 1 }, {}, { unordered: 1 }, { unsent: 2 }, {}, {}];
    const api = await apiWith(looks);
    const seen: Backlog[] = [];
    await drained(api, systemClock(), (backlog) => seen.push(backlog));
    expect(seen).toEqual(looks.map((look) => ({ pending: 0, unanalysed: 0, unordered: 0, unsent: 0, ...look })));
  });
  it('says what is left when nothing moves', async () => {
    const api = await apiWith([{ unsent: 2 }]);
    await expect(drained(api, systemClock(), undefined, 300)).rejects.toThrow(
      /nothing has moved for 0.3 s.*"unsent":2/,
    );
  });
});
