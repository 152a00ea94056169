/** Everything that a route may demand. A permission names a resource and what is done to it. */
export const PERMISSIONS = [
  'devices:read',
  'devices:write',
  'telemetry:read',
  'quarantine:read',
  'quarantine:replay',
  'ledger:read',
  'anomalies:read',
  'anomalies:write',
  'models:read',
  'models:write',
  'thresholds:write',
  'cmdb:read',
  'cmdb:write',
  'cmdb:model',
  'cmdb:sensitive',
  'cmdb:restricted',
  'queries:write',
  'cypher:run',
  'alerts:write',
  'orders:read',
  'orders:write',
  'orders:work',
  'orders:dispatch',
  'orders:acknowledge',
  'commands:confirm',
  'notifications:read',
  'notifications:write',
  'users:read',
  'users:write',
  'tokens:write',
  'tenants:write',
  'metrics:read',
  'system:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who somebody is in a plant. A person may have several roles; their permissions add up. */
export const ROLE_NAMES = [
  'admin',
  'reliability-engineer',
  'it-operator',
  'dispatcher',
  'technician',
  'business-owner',
  'requester',
  'viewer',
] as const;
export type Role = (typeof ROLE_NAMES)[number];

/**
 * What each role may do; nothing more than its work needs.
 *
 * The administrator may do everything: they hand out roles, so a permission kept from them would be a pretence.
 * A stop command is confirmed by those who answer for the line (engineer, dispatcher), never by whoever repairs it.
 * Messages and users carry personal data: viewers and requesters see neither.
 */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: PERMISSIONS,
  'reliability-engineer': [
    'devices:read',
    'telemetry:read',
    'quarantine:read',
    'ledger:read',
    'anomalies:read',
    'anomalies:write',
    'models:read',
    'models:write',
    'thresholds:write',
    'cmdb:read',
    'queries:write',
    'orders:read',
    'orders:acknowledge',
    'orders:write',
    'commands:confirm',
    'notifications:read',
    'tokens:write',
  ],
  'it-operator': [
    'devices:read',
    'devices:write',
    'telemetry:read',
    'quarantine:read',
    'quarantine:replay',
    'ledger:read',
    'anomalies:read',
    'cmdb:read',
    'cmdb:write',
    'cmdb:model',
    'cmdb:sensitive',
    'cmdb:restricted',
    'cypher:run',
    'alerts:write',
    'queries:write',
    'orders:read',
    'orders:acknowledge',
    'notifications:read',
    'notifications:write',
    'tokens:write',
    'metrics:read',
    'system:read',
  ],
  dispatcher: [
    'devices:read',
    'telemetry:read',
    'anomalies:read',
    'cmdb:read',
    'queries:write',
    'orders:read',
    'orders:acknowledge',
    'orders:write',
    'orders:work',
    'orders:dispatch',
    'commands:confirm',
    'notifications:read',
    'users:read',
  ],
  technician: [
    'devices:read',
    'telemetry:read',
    'anomalies:read',
    'cmdb:read',
    'queries:write',
    'orders:read',
    'orders:acknowledge',
    'orders:work',
    'notifications:read',
  ],
  'business-owner': [
    'anomalies:read',
    'cmdb:read',
    'queries:write',
    'orders:read',
    'orders:acknowledge',
    'notifications:read',
  ],
  requester: ['orders:read', 'orders:write'],
  viewer: ['devices:read', 'telemetry:read', 'anomalies:read', 'models:read', 'cmdb:read', 'orders:read'],
};

/** Permissions whose effect reaches beyond one tenant: they count only for members of the tenant that runs the platform. */
export const PLATFORM_PERMISSIONS: ReadonlySet<Permission> = new Set(['tenants:write', 'metrics:read', 'system:read']);

/** The permissions that a set of roles gives inside a tenant. */
export function permissionsOf(roles: readonly Role[], tenant: { operator: boolean }): ReadonlySet<Permission> {
  const granted = new Set<Permission>();
  for (const role of roles) {
    for (const permission of ROLE_PERMISSIONS[role]) {
      if (tenant.operator || !PLATFORM_PERMISSIONS.has(permission)) granted.add(permission);
    }
  }
  return granted;
}

export function isRole(text: string): text is Role {
  return (ROLE_NAMES as readonly string[]).includes(text);
}

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}
