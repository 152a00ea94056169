/** The narrow roles that work across tenants, each only on the tables that name it. */
export const NARROW_ROLES = ['relay', 'shipper', 'auth'] as const;
export type NarrowRole = (typeof NARROW_ROLES)[number];

type Rights = 'select' | 'insert' | 'update' | 'delete';
/** Comma-separated rights, such as `'select, insert'`. */
export type RightsList = Rights | `${Rights}, ${string}`;

export type TenantTableRights = { app?: RightsList | 'none' } & { [role in NarrowRole]?: RightsList };

/**
 * SQL that puts a table with a `tenant_id uuid not null` column under row-level security: the application's role sees
 * the rows of its transaction's tenant and, with no tenant set, none; a narrow role sees every tenant's rows of the
 * tables that name it. Partitions of the table get neither policy nor grant and so cannot be read around it.
 */
export function tenantTable(name: string, rights: TenantTableRights = {}): string {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new Error(`not a plain table name: ${name}`);
  const app = rights.app ?? 'select, insert, update, delete';
  const lines = [`alter table ${name} enable row level security;`, `alter table ${name} force row level security;`];
  if (app !== 'none') {
    lines.push(
      `create policy tenant_isolation on ${name} to faultline_app using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());`,
      `grant ${app} on ${name} to faultline_app;`,
    );
  }
  for (const role of NARROW_ROLES) {
    if (!rights[role]) continue;
    lines.push(
      `create policy ${role}_across_tenants on ${name} to faultline_${role} using (true) with check (true);`,
      `grant ${rights[role]} on ${name} to faultline_${role};`,
    );
  }
  return lines.join('\n');
}
