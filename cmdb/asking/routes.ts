import type { App } from '../../platform/index.ts';
import type { PastImpact } from '../history/pastImpact.ts';
import type { CmdbRouteDeps } from '../routes/deps.ts';
import { graphqlRoutes } from './graphql/route.ts';
import { TenantSchemas } from './graphql/tenantSchema.ts';
import { savedQueryRoutes } from './saved/routes.ts';
import { SearchFilling } from './search/fillSearch.ts';
import { searchRoutes } from './search/route.ts';

/** Questions that nobody foresaw: search, GraphQL, and queries that are kept. */
export function askingRoutes({ db, clock, impact }: CmdbRouteDeps, past: PastImpact): (app: App) => void {
  const filling = new SearchFilling(db);
  const deps = { db, clock, impact, past, filling };
  const schemas = new TenantSchemas(db);
  return (app) => {
    searchRoutes({ db, filling })(app);
    graphqlRoutes(deps, schemas)(app);
    savedQueryRoutes(deps, schemas)(app);
  };
}
