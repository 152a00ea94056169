export { Api, ApiError } from './api.ts';
export { type AttachedSystem, type AttachOptions, attach } from './attach.ts';
export { type Backlog, drained, type Ledger, readBacklog, readLedger } from './drained.ts';
export { type SpawnedPlatform, spawnPlatform } from './spawn.ts';
