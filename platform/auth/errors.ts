import { defineErrors } from '../errors/errors.ts';

export const authErrors = defineErrors({
  LOGIN_FAILED: {
    status: 401,
    message: () =>
      'Tenant, login or password is wrong, or the account is disabled. Check them, or ask an administrator.',
  },
  LOGIN_THROTTLED: {
    status: 429,
    message: (p: { waitSeconds: number }) => `Too many failed logins. Try again in ${p.waitSeconds} s.`,
  },
  LOGIN_BUSY: { status: 503, message: () => 'Too many logins are being checked at once. Try again in a few seconds.' },
  PASSWORD_WEAK: {
    status: 400,
    message: () => 'The password must have 12 to 256 characters and must not contain the login. Choose another one.',
  },
  PASSWORD_WRONG: { status: 403, message: () => 'The current password is wrong. Enter the one you signed in with.' },
  SESSION_NEEDED: {
    status: 403,
    message: () => 'An API token cannot do this. Sign in with login and password and use the session.',
  },
  USER_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `No user ${p.id} exists here. List the users to find the right id.`,
  },
  USER_EXISTS: { status: 409, message: (p: { login: string }) => `The login ${p.login} is taken. Choose another one.` },
  USER_LAST_ADMIN: {
    status: 409,
    message: () => 'This is the last administrator who can sign in. Make somebody else an administrator first.',
  },
  RIGHTS_BEYOND_OWN: {
    status: 403,
    message: (p: { permissions: readonly string[] }) =>
      `You cannot hand out or act on rights that you do not have yourself: ${p.permissions.join(', ')}. Ask an administrator.`,
  },
  TOKEN_UNKNOWN: {
    status: 404,
    message: (p: { id: string }) => `No API token ${p.id} of yours exists. List your tokens to find the right id.`,
  },
  TENANT_EXISTS: {
    status: 409,
    message: (p: { slug: string }) => `The tenant ${p.slug} exists already. Choose another slug.`,
  },
});
