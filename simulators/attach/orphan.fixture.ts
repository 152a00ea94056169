import { spawnPlatform } from './spawn.ts';

// Started by a test that kills it: the platform below must not outlive it.
const platform = await spawnPlatform({ dataDir: process.argv[2]! });
process.send?.({ httpUrl: platform.httpUrl, pid: platform.pid });
setInterval(() => undefined, 60_000);
