export { Api, ApiError } from './api.ts';
export { type AttachedSystem, type AttachOptions, attach } from './attach.ts';
export { type SpawnedPlatform, spawnPlatform } from './spawn.ts';
