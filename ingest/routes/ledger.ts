import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import type { IngestStores } from '../ingestStores.ts';

const line = {
  accepted: z.int(),
  stored: z.int(),
  duplicate: z.int(),
  pending: z.int(),
  quarantined: z.int(),
  expired: z.int(),
  storedCount: z.int().nullable().describe('Counted in the stores just now; null when not asked for'),
  balanced: z
    .boolean()
    .describe('accepted = stored + duplicate + pending + quarantined + expired, and storedCount = stored'),
};

/** Where every accepted unit is. */
export function ledgerRoutes(deps: { stores: Pick<IngestStores, 'ledger'> }): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/ledger',
      config: { permission: 'ledger:read' },
      schema: {
        tags: ['ledger'],
        summary: 'The conservation ledger: where every accepted unit is',
        querystring: z.object({
          count: z.stringbool().default(true).describe('Count the stores, too; takes long over much data'),
        }),
        response: { 200: z.object({ ...line, devices: z.array(z.object({ device: z.string(), ...line })) }) },
      },
      handler: async ({ principal, query }) => deps.stores.ledger(principal.tenantId, { countStores: query.count }),
    });
  };
}
