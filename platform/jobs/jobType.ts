import type { z } from 'zod';

/** One kind of job: the name of its queue and the schema of its payload. */
export interface JobType<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** Declares a kind of job. BullMQ allows no colon in a queue's name. */
export function defineJob<T>(name: string, schema: z.ZodType<T>): JobType<T> {
  if (!/^[a-z0-9._-]+$/i.test(name))
    throw new Error(`job name ${name} may hold letters, digits, dots, dashes and underscores only`);
  return { name, schema };
}
