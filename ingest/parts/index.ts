export { type OpenParts, openParts, type PartsOptions } from './openParts.ts';
