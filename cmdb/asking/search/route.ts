import { z } from 'zod';
import { type App, type Database, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { readingAs } from '../../model/redaction.ts';
import { currentModel } from '../../model/store.ts';
import type { SearchFilling } from './fillSearch.ts';
import { MOST_RANKED, type SearchPlace, searchCis } from './searchCis.ts';

const foundShape = z.object({
  id: z.uuid(),
  key: z.string(),
  type: z.string(),
  name: z.string(),
  status: z.string(),
  rank: z.number().describe('comparable within one question only'),
  highlights: z
    .array(
      z.object({
        field: z.string().describe('key, name, attributes.site…'),
        text: z.string().describe('the piece of it where it was found'),
        marks: z.array(z.object({ from: z.number().int(), to: z.number().int() })).describe('UTF-16 offsets in text'),
      }),
    )
    .describe('where it was found; empty when it was found by its type'),
});

export function searchRoutes({ db, filling }: { db: Database; filling: SearchFilling }): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/search',
      config: { permission: 'cmdb:read' },
      schema: {
        tags: ['cmdb'],
        summary: 'Find CIs by keys, names, types and attributes, in Chinese and English, best first',
        description:
          'Every word must be found. Chinese is found by any part of two characters or more, English by the beginning of a word, codes however they are punctuated. When nothing has the words as written, near ones are searched for. Sensitive attributes are not searched.',
        querystring: pageQuery.extend({
          q: z.string().trim().min(1).max(200),
          type: z.string().max(63).optional().describe('only this CI type and those that inherit from it'),
          cursor: z.string().min(1).max(600).optional(),
        }),
        response: {
          200: pageOf(foundShape).extend({
            total: z.number().int().describe(`${MOST_RANKED} when there are more`),
            correctedTo: z.string().nullable().describe('what was searched for instead'),
          }),
        },
      },
      handler: async ({ principal, query }) => {
        await filling.fill(principal.tenantId);
        const { limit, cursor, q, type } = query;
        const types = type === undefined ? null : [type];
        const { found, ...about } = await readingAs(db, principal, async (tx) =>
          searchCis(tx, await currentModel(tx), {
            text: q,
            types,
            after: placeOf(cursor),
            limit: limit + 1,
          }),
        );
        return { ...toPage(found, limit, cursorOf), ...about } as z.input<
          ReturnType<typeof pageOf<typeof foundShape>>
        > &
          typeof about;
      },
    });
  };
}

/** A page's cursor: the rank to the last digit, and the key. */
export function cursorOf({ rank, key }: SearchPlace): string {
  return `${rank} ${key}`;
}

/** The place that a cursor names; the beginning for one that names none. */
export function placeOf(cursor: string | undefined | null): SearchPlace | null {
  const [, rank, key] = /^(\d+(?:\.\d+)?(?:e-\d+)?) (.+)$/s.exec(cursor ?? '') ?? [];
  return rank === undefined || key === undefined ? null : { rank: Number(rank), key };
}
