import { expect, test } from 'vitest';
import { PERMISSIONS, PLATFORM_PERMISSIONS, permissionsOf, ROLE_NAMES, ROLE_PERMISSIONS } from './permissions.ts';

test('an administrator may do everything, and every permission is held by somebody else or is the administrator’s own', () => {
  expect(ROLE_PERMISSIONS.admin).toEqual(PERMISSIONS);
  const others = new Set(ROLE_NAMES.filter((r) => r !== 'admin').flatMap((r) => ROLE_PERMISSIONS[r]));
  expect(PERMISSIONS.filter((p) => !others.has(p))).toEqual(['users:write', 'tenants:write']);
});

test('looking on gives no right to change, to see people or to see messages', () => {
  expect(ROLE_PERMISSIONS.viewer.filter((p) => !p.endsWith(':read'))).toEqual([]);
  expect(ROLE_PERMISSIONS.viewer).not.toContain('users:read');
  expect(ROLE_PERMISSIONS.viewer).not.toContain('notifications:read');
});

test('who repairs a machine does not confirm its stop command', () => {
  expect(ROLE_NAMES.filter((r) => ROLE_PERMISSIONS[r].includes('commands:confirm'))).toEqual([
    'admin',
    'reliability-engineer',
    'dispatcher',
  ]);
});

test('platform-wide permissions count in the operator’s tenant only; roles add up', () => {
  for (const permission of PLATFORM_PERMISSIONS) {
    expect(permissionsOf(['admin'], { operator: false }).has(permission)).toBe(false);
    expect(permissionsOf(['admin'], { operator: true }).has(permission)).toBe(true);
  }
  expect(permissionsOf([], { operator: true }).size).toBe(0);
  const both = permissionsOf(['technician', 'requester'], { operator: false });
  expect([both.has('orders:work'), both.has('orders:write')]).toEqual([true, true]);
});
