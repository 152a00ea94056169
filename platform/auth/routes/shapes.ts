import { z } from 'zod';
import { PERMISSIONS, ROLE_NAMES } from '../permissions.ts';
import { TENANT_SLUG } from '../tenants.ts';

export const loginName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, {
    error: 'must start with a letter or digit and hold at most 64 of a-z 0-9 . _ @ -',
  });
export const password = z.string().min(1).max(1024);
export const displayName = z.string().trim().min(1).max(200);
export const email = z.email().max(254);
export const locale = z.enum(['zh-CN', 'en']);
export const role = z.enum(ROLE_NAMES);
export const permission = z.enum(PERMISSIONS);
export const tenantSlug = z.string().regex(TENANT_SLUG, {
  error: 'must start with a-z or 0-9 and hold at most 63 of a-z 0-9 -',
});
export const idParams = z.object({ id: z.uuid() });
export const nothing = z.undefined().describe('Done');

export const userBody = z
  .object({
    id: z.uuid(),
    login: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    locale: z.string(),
    roles: z.array(role),
    disabled: z.boolean(),
    createdAt: z.date(),
  })
  .meta({ id: 'User' });
