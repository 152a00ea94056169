import { z } from 'zod';

const minutes = z.number().int().min(1).max(10_080);

/** How long those who are told first have, and for how long the links of their messages hold. */
export const ownersPolicySchema = z
  .object({
    /** After this long without an acknowledgement the deputies are told, and who is on call then. */
    escalateMinutes: z.object({ P1: minutes, P2: minutes, P3: minutes, P4: minutes }).strict(),
    linkHours: z.number().int().min(1).max(720),
  })
  .strict();
export type OwnersPolicy = z.infer<typeof ownersPolicySchema>;

/** What a tenant has until it writes its own. */
export const DEFAULT_OWNERS_POLICY: OwnersPolicy = {
  escalateMinutes: { P1: 10, P2: 30, P3: 240, P4: 1_440 },
  linkHours: 168,
};
