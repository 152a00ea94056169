import { provedBy } from '../provedBy.ts';

export const rights = provedBy('36', 'every route × role × other tenant: exactly 401, 403, 404', [
  'test/system/rights.test.ts',
]);
