import { z } from 'zod';

/** The same text in both languages of the product. */
export const bilingual = z.object({ en: z.string(), zh: z.string() });
export type Bilingual = z.infer<typeof bilingual>;
