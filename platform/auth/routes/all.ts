import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../db/database.ts';
import type { App } from '../../http/application.ts';
import type { Logger } from '../../log/log.ts';
import type { Passwords } from '../passwords.ts';
import { createLoginThrottle } from '../throttle.ts';
import { sessionRoutes } from './session.ts';
import { tenantRoutes } from './tenants.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

/** Everything over HTTP that concerns accounts: sessions, users, API tokens, tenants. */
export function authRoutes(deps: {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  log: Logger;
}): (app: App) => void {
  const throttle = createLoginThrottle(deps.clock);
  return (app) => {
    sessionRoutes({ ...deps, throttle })(app);
    userRoutes(deps)(app);
    tokenRoutes(deps)(app);
    tenantRoutes(deps)(app);
  };
}
