import type { Permission, Role } from './permissions.ts';

/** Who asks: a person with a session, or a program with one of a person's API tokens. */
export interface Principal {
  readonly tenantId: string;
  /** Whether the tenant is the one that runs the platform. */
  readonly operator: boolean;
  readonly userId: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** What this credential may do: for a token the named subset of what its owner may do at this moment. */
  readonly permissions: ReadonlySet<Permission>;
  /** The credential in use, so that it can be ended. */
  readonly credential: { readonly kind: 'session' | 'token'; readonly id: string };
}
