import { expect } from 'vitest';
import { type App, ROLE_NAMES, ROLE_PERMISSIONS, type Role, type RouteAccess } from '../../platform/index.ts';

/** A path of a route with something that has the right form in the place of each parameter. */
export function exampleUrl(pattern: string): string {
  return pattern.replaceAll(/:[A-Za-z]+/g, '01890000-0000-7000-8000-000000000000').replaceAll('*', 'x');
}

export interface RouteContract {
  app: App;
  /** Headers that sign a caller in with exactly this role. */
  as(role: Role): Record<string, string>;
}

/**
 * Walks every route that the application has: without credentials it answers 401 unless it is public; to each role
 * that lacks its permission it answers 403; a permission that no role has would be a route for nobody.
 *
 * @returns how many refusals were seen, so that a caller can prove that routes were walked
 */
export async function expectRoutesGuarded({ app, as }: RouteContract): Promise<{ routes: number; refused: number }> {
  await app.ready();
  let refused = 0;
  const call = async (route: RouteAccess, headers: Record<string, string> = {}): Promise<number> => {
    // Each route from an address of its own: guesses are slowed down by address.
    const place = app.routeAccess.indexOf(route);
    const remoteAddress = `10.0.${place >> 8}.${place & 0xff}`;
    const url = exampleUrl(route.url);
    const response = await app.inject({ method: route.method as 'GET', url, headers, remoteAddress });
    return response.statusCode;
  };
  for (const route of app.routeAccess) {
    const name = `${route.method} ${route.url}`;
    const { permission } = route;
    if (permission === null) {
      expect([401, 403], `${name} is public`).not.toContain(await call(route));
      continue;
    }
    expect(await call(route), `${name} without credentials`).toBe(401);
    expect(await call(route, { authorization: 'Bearer forged' }), `${name} with a forged credential`).toBe(401);
    refused += 2;
    const lacking = permission === 'self' ? [] : ROLE_NAMES.filter((r) => !ROLE_PERMISSIONS[r].includes(permission));
    if (permission !== 'self')
      expect(lacking.length, `${name}: somebody has ${permission}`).toBeLessThan(ROLE_NAMES.length);
    for (const role of lacking) {
      expect(await call(route, as(role)), `${name} as ${role}`).toBe(403);
      refused++;
    }
  }
  return { routes: app.routeAccess.length, refused };
}
