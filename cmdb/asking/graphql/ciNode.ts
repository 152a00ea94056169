import { toPage } from '../../../platform/index.ts';
import { cisAsOf } from '../../history/asOf.ts';
import { pastVersion } from '../../history/moment.ts';
import type { Ci } from '../../lookups/ci.ts';
import { redactedCi, redactedState } from '../../model/redaction.ts';
import type { FailedState } from '../../model/state.ts';
import { cursorParts, UUID, within } from './arguments.ts';
import { historiesOf, type RelationOf, relationsOf } from './lookUps.ts';
import { momentArgument } from './moment.ts';
import { type ReachedIds, type ReachQuestion, reachOf } from './reach.ts';
import type { Session } from './session.ts';

export const MOST_OF_A_PAGE = 200;
const MOST_REACHED = 5_000;
const MOST_STEPS = 50;
export const MOST_AFFECTED = 1_000;

/** Fields of a type of the schema: values, and functions that find them when they are asked for. */
export type Node = Readonly<Record<string, unknown>>;

/** A CI as the type `Ci` of the schema: its columns, and functions for what is looked up when it is asked for. */
export function ciNode(session: Session, ci: Ci): Node {
  const { model, reader, deps } = session;
  const { attributes, ...shown } = redactedCi(model, reader, ci);
  return {
    ...shown,
    attributes: ({ names }: { names?: readonly string[] | null }) =>
      names
        ? Object.fromEntries(
            names.flatMap((name) => (Object.hasOwn(attributes, name) ? [[name, attributes[name]]] : [])),
          )
        : attributes,
    health: async () => {
      const overlay = await session.present();
      const own = overlay.ownOf(ci.id);
      return { state: overlay.stateOf(ci.id), own: own?.state ?? null, planned: own?.planned ?? false };
    },
    relations: async (asked: RelationArguments) => {
      const limit = within('limit', asked.limit, 1, MOST_OF_A_PAGE);
      const [after = null] = cursorParts(asked.cursor, new RegExp(`^${UUID}$`)) ?? [];
      const question = { direction: asked.direction ?? null, types: asked.types ?? null, after, limit: limit + 1 };
      const batch = session.batch('relations', question, (tx, ids) => relationsOf(tx, ids, question));
      const page = toPage((await batch.of(ci.id)) ?? [], limit, (last) => last.relationId);
      return { ...page, items: page.items.map((relation) => relationNode(session, relation)) };
    },
    reachable: async (asked: ReachQuestion) => {
      const question: ReachQuestion = {
        direction: asked.direction,
        types: asked.types ?? null,
        depth: within('depth', asked.depth, 1, MOST_STEPS),
        limit: within('limit', asked.limit, 1, MOST_REACHED),
      };
      const batch = session.batch<ReachedIds>('reach', question, (tx, ids) => reachOf(tx, model, ids, question));
      const { items, truncated } = (await batch.of(ci.id)) ?? { items: [], truncated: false };
      const nodes = await Promise.all(items.map(({ id }) => nodeOf(session, id)));
      return {
        truncated,
        items: items.flatMap(({ distance }, index) => (nodes[index] ? [{ ci: nodes[index], distance }] : [])),
      };
    },
    impact: ({ state, affectedLimit }: { state: FailedState; affectedLimit: number }) =>
      deps.impact.impact(reader.tenantId, {
        failed: [{ ciId: ci.id, state }],
        affectedLimit: within('affectedLimit', affectedLimit, 0, MOST_AFFECTED),
        reader,
      }),
    nextLosses: () => deps.impact.nextLosses(reader.tenantId, ci.id, [], reader),
    history: async (asked: { limit: number; cursor?: string | null }) => {
      const limit = within('limit', asked.limit, 1, MOST_OF_A_PAGE);
      const [, version, seq] = cursorParts(asked.cursor, /^(\d{1,18})-(\d{1,9})$/) ?? [];
      const before = version === undefined ? null : { version: BigInt(version), seq: Number(seq) };
      const question = { before, limit: limit + 1 };
      const batch = session.batch('history', question, (tx, ids) => historiesOf(tx, ids, question));
      const page = toPage((await batch.of(ci.id)) ?? [], limit, (last) => `${last.version}-${last.seq}`);
      const shownChange = (state: unknown) => redactedState(model, reader, state);
      return {
        ...page,
        items: page.items.map((one) => ({ ...one, before: shownChange(one.before), after: shownChange(one.after) })),
      };
    },
    asOf: async ({ at }: { at: string }) => {
      const moment = momentArgument('at', at);
      const batch = session.batch('as of', at, async (tx, ids) => {
        const { version } = await pastVersion(tx, moment);
        return new Map((await cisAsOf(tx, version, ids)).map((past) => [past.id, past]));
      });
      const past = await batch.of(ci.id);
      return past && redactedCi(model, reader, past);
    },
  };
}

interface RelationArguments {
  direction?: 'in' | 'out' | null;
  types?: readonly string[] | null;
  limit: number;
  cursor?: string | null;
}

/** A CI that is known by its id; null when it is not there, or not to be seen. */
export async function nodeOf(session: Session, id: string): Promise<Node | null> {
  const ci = await session.cis.of(id);
  return ci && ciNode(session, ci);
}

function relationNode(session: Session, { relationId, otherId, at: _, ...relation }: RelationOf): Node {
  return { ...relation, id: relationId, ci: () => nodeOf(session, otherId) };
}
