import { Redis } from 'ioredis';
import { jobsContract } from '../../test/contracts/jobs.ts';
import { absent } from '../../test/engines/absent.ts';
import { testDatabase } from '../../test/engines/postgres.ts';
import { HOW_TO_GET_REDIS, redisIsHere, startRedis } from '../../test/engines/redis.ts';
import { systemClock } from '../clock/clock.ts';
import { createLog } from '../log/log.ts';
import { jobsOnPostgres, jobsOnRedis, migrateQueues } from './bullmq.ts';

const log = createLog('silent');

jobsContract('PostgreSQL', async () => {
  const pg = await testDatabase([]);
  await migrateQueues(pg.ownerUrl);
  return {
    open: () => jobsOnPostgres({ ownerUrl: pg.ownerUrl, secretKey: pg.secretKey, clock: systemClock() }, log),
    wipe: async () => void (await pg.asOwner('truncate bullmq.job cascade')),
    stop: () => pg.stop(),
  };
});

if (redisIsHere() || absent('Redis', HOW_TO_GET_REDIS)) {
  jobsContract('Redis', async () => {
    const redis = await startRedis();
    return {
      open: () => jobsOnRedis(redis.url, log),
      wipe: async () => {
        const client = new Redis(redis.url);
        await client.flushall();
        await client.quit();
      },
      stop: () => redis.stop(),
    };
  });
}
