import type { Permission, Role } from './permissions.ts';
import type { CredentialKind } from './secrets.ts';

/** Who asks: a person with a session, a program with one of a person's API tokens, or whoever has a link from a message. */
export interface Principal {
  readonly tenantId: string;
  /** Whether the tenant is the one that runs the platform. */
  readonly operator: boolean;
  /** Null for a link: whoever has it need not have an account. */
  readonly userId: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** What this credential may do: for a token the named subset of what its owner may do at this moment. */
  readonly permissions: ReadonlySet<Permission>;
  /** The credential in use, so that it can be ended. */
  readonly credential: {
    readonly kind: CredentialKind;
    readonly id: string;
    /** Of a link: the id of the one thing that it is about. */
    readonly subject?: string | undefined;
  };
}
