import type { Database } from '../../platform/index.ts';
import { type BrokenLink, type ChainHead, type ChainPart, unexplainedState, verifyChain } from './verifyChain.ts';

const LINKS_AT_ONCE = 1_000;

/** What became of a tenant's whole history. */
export interface ChainVerdict {
  readonly broken: BrokenLink | null;
  readonly links: number;
  readonly head: ChainHead | null;
}

/** Verifies a tenant's chain from its first link to its last, then that the graph is what its last changes made of it. */
export async function verifyWholeChain(
  db: Database,
  tenantId: string,
  told: (links: number) => void = () => undefined,
): Promise<ChainVerdict> {
  let links = 0;
  let head: ChainHead | null = null;
  for (let whole = false; !whole; ) {
    const after: bigint | null = head?.version ?? null;
    const part: ChainPart = await db.tenant(tenantId, (tx) => verifyChain(tx, { after, links: LINKS_AT_ONCE }));
    links += part.links;
    head = part.last ?? head;
    whole = part.whole;
    told(links);
    if (part.broken !== null) return { broken: part.broken, links, head };
  }
  return { broken: await db.tenant(tenantId, unexplainedState), links, head };
}
