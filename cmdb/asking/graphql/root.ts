import { toPage } from '../../../platform/index.ts';
import { readVersion } from '../../graph/postgres/readVersion.ts';
import { neighbourhoodAsOf, requireCiAsOf } from '../../history/asOf.ts';
import { DIFF_CURSOR, diffPage } from '../../history/diffPage.ts';
import { pastVersion } from '../../history/moment.ts';
import { listDuplicates } from '../../import/duplicates.ts';
import { staleCis } from '../../import/staleness.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { redactedCi } from '../../model/redaction.ts';
import { requireModelAt } from '../../model/store.ts';
import { cursorOf, placeOf } from '../search/route.ts';
import { searchCis } from '../search/searchCis.ts';
import { cursorParts, type FailureArgument, failuresOf, few, UUID, within } from './arguments.ts';
import { ciNode, MOST_AFFECTED, MOST_OF_A_PAGE, nodeOf } from './ciNode.ts';
import type { CiWhere } from './filterSql.ts';
import { cisWhere } from './lookUps.ts';
import { momentArgument } from './moment.ts';
import type { Session } from './session.ts';

/** CIs that one answer about a neighbourhood in the past holds, and its steps. */
const MOST_CIS = 1_000;
const MOST_PAST_STEPS = 6;
const MOST_ALARMS = 500;

interface Page {
  limit: number;
  cursor?: string | null;
}

/** The fields of the schema's `Query`. */
export function root(session: Session) {
  const { model, reader, deps } = session;
  const { tenantId } = reader;
  const { impact, past } = deps;
  const affected = (limit: number) => within('affectedLimit', limit, 0, MOST_AFFECTED);
  return {
    ci: async ({ is }: { is: string }) => {
      const ci = await session.called.of(is);
      return ci && ciNode(session, ci);
    },
    cis: async ({ where, ...page }: Page & { where?: CiWhere | null }) => {
      const limit = within('limit', page.limit, 1, MOST_OF_A_PAGE);
      if (where && usesSearch(where)) await deps.filling.fill(tenantId);
      const asked = { after: page.cursor ?? null, limit: limit + 1 };
      const cis = await session.read((tx) => cisWhere(tx, { model, reader }, where ?? {}, asked));
      const { items, nextCursor } = toPage(cis, limit, (last) => last.key);
      return { items: items.map((ci) => ciNode(session, ci)), nextCursor };
    },
    search: async ({ text, types, ...page }: Page & { text: string; types?: readonly string[] | null }) => {
      const limit = within('limit', page.limit, 1, MOST_OF_A_PAGE);
      await deps.filling.fill(tenantId);
      const asked = { text: text.slice(0, 200), types: types ?? null, after: placeOf(page.cursor), limit: limit + 1 };
      const { found, ...about } = await session.read((tx) => searchCis(tx, model, asked));
      const { items, nextCursor } = toPage(found, limit, cursorOf);
      const nodes = await Promise.all(items.map(({ id }) => nodeOf(session, id)));
      const shown = items.flatMap(({ rank, highlights }, index) => {
        const ci = nodes[index];
        return ci ? [{ ci, rank, highlights }] : [];
      });
      return { items: shown, nextCursor, ...about };
    },
    impact: ({ failed, affectedLimit }: { failed: FailureArgument[]; affectedLimit: number }) =>
      impact.impact(tenantId, {
        failed: failuresOf('failed', failed),
        affectedLimit: affected(affectedLimit),
        reader,
      }),
    presentImpact: ({ affectedLimit }: { affectedLimit: number }) =>
      impact.present(tenantId, affected(affectedLimit), reader),
    whatIf: (asked: { fail: FailureArgument[]; maintain: string[]; restore: string[]; affectedLimit: number }) =>
      impact.whatIf(tenantId, {
        fail: failuresOf('fail', asked.fail),
        maintain: few('maintain', asked.maintain, 1000),
        restore: few('restore', asked.restore, 1000),
        affectedLimit: affected(asked.affectedLimit),
        reader,
      }),
    impactAsOf: ({ at, failed }: { at: string; failed: FailureArgument[] }) =>
      past.verdict(reader, momentArgument('at', at), failuresOf('failed', failed)),
    nextLosses: ({ ci, failed }: { ci: string; failed: FailureArgument[] }) =>
      impact.nextLosses(tenantId, ci, failuresOf('failed', failed), reader),
    singlePointsOfFailure: async ({ limit }: { limit: number }) => {
      const most = within('limit', limit, 1, 1000);
      const search = await impact.singlePoints(tenantId, reader);
      return { ...search, points: search.points?.slice(0, most) ?? null };
    },
    rootCauses: ({ alarms, limit }: { alarms: FailureArgument[]; limit: number }) =>
      impact.rootCauses(
        tenantId,
        failuresOf('alarms', few('alarms', alarms, MOST_ALARMS)),
        within('limit', limit, 1, 100),
        reader,
      ),
    asOf: (asked: { at: string; ci: string; depth: number }) => {
      const moment = momentArgument('at', asked.at);
      const depth = within('depth', asked.depth, 0, MOST_PAST_STEPS);
      return session.read(async (tx) => {
        const { version, at } = await pastVersion(tx, moment);
        const start = await requireCiAsOf(tx, version, asked.ci);
        const part = await neighbourhoodAsOf(tx, version, start, { depth, most: MOST_CIS });
        const cis = part.cis.map((ci) => redactedCi(model, reader, ci));
        return { version, at, ci: cis[0], cis, relations: part.relations, truncated: part.truncated };
      });
    },
    diff: ({ from, to, ...page }: Page & { from: string; to?: string | null }) => {
      const limit = within('limit', page.limit, 1, MOST_OF_A_PAGE);
      const [cursor = null] = cursorParts(page.cursor, DIFF_CURSOR) ?? [];
      const moments = { from: momentArgument('from', from), to: to ? momentArgument('to', to) : null };
      return session.read((tx) => diffPage(tx, reader, { ...moments, cursor, limit }));
    },
    model: async ({ version }: { version?: number | null }) => {
      if (version === null || version === undefined) return modelNode(model);
      return modelNode(await session.read((tx) => requireModelAt(tx, within('version', version, 0, 2 ** 31 - 1))));
    },
    version: () => session.read(readVersion),
    duplicates: async ({ state, ...page }: Page & { state?: string | null }) => {
      const limit = within('limit', page.limit, 1, MOST_OF_A_PAGE);
      const [after] = cursorParts(page.cursor, new RegExp(`^${UUID}$`)) ?? [];
      const asked = { state: state ?? undefined, after, limit: limit + 1 };
      return toPage(await session.read((tx) => listDuplicates(tx, asked)), limit, (last) => last.id);
    },
    staleCis: async ({ before, source, ...page }: Page & { before: Date; source?: string | null }) => {
      const limit = within('limit', page.limit, 1, MOST_OF_A_PAGE);
      const [, at, id] = cursorParts(page.cursor, new RegExp(`^(\\d{1,15})-(${UUID})$`)) ?? [];
      const after = at === undefined || id === undefined ? undefined : { at: new Date(Number(at)), id };
      const asked = { before, source: source ?? undefined, after, limit: limit + 1 };
      const rows = await session.read((tx) => staleCis(tx, asked));
      const { items, nextCursor } = toPage(rows, limit, (last) => `${last.lastSeenAt.getTime()}-${last.id}`);
      const nodes = await Promise.all(items.map((one) => nodeOf(session, one.id)));
      return { items: nodes.filter((node) => node !== null), nextCursor };
    },
  };
}

function usesSearch(where: CiWhere): boolean {
  const inside = [...(where.and ?? []), ...(where.or ?? []), ...(where.not ? [where.not] : [])];
  return Boolean(where.text) || inside.some(usesSearch);
}

function modelNode(model: CmdbModel) {
  return {
    version: model.version,
    ciTypes: model.definition.ciTypes.map((type) => {
      const { lineage, attributes } = model.typeOf(type.name)!;
      return { ...type, lineage, attributes: [...attributes.values()] };
    }),
    relationTypes: model.definition.relationTypes,
  };
}
