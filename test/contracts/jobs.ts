import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defineJob, type Jobs } from '../../platform/index.ts';

/** What a job registry is tested with: two of them on one engine, as two processes would be, and the engine's wiping. */
export interface JobsEngine {
  open(): Jobs;
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

const within = { timeout: 15_000, interval: 25 };
let serial = 0;
const jobOf = <T>(schema: z.ZodType<T>) => defineJob(`contract-${Date.now()}-${serial++}`, schema);

/** The contract of `Jobs`, the same for every engine. */
export function jobsContract(name: string, start: () => Promise<JobsEngine>): void {
  describe(`Jobs on ${name}`, () => {
    let engine: JobsEngine;
    const opened: Jobs[] = [];
    const open = async (): Promise<Jobs> => {
      const jobs = engine.open();
      opened.push(jobs);
      await jobs.start();
      return jobs;
    };
    beforeAll(async () => {
      engine = await start();
    });
    afterAll(async () => {
      await Promise.all(opened.map((jobs) => jobs.stop()));
      await engine.stop();
    });

    test('a payload arrives whole; one that breaks the schema is refused at once', async () => {
      const jobs = await open();
      const type = jobOf(z.object({ text: z.string(), list: z.array(z.number()) }));
      const heard: unknown[] = [];
      jobs.work(type, async (payload) => void heard.push(payload));
      await jobs.enqueue(type, { text: '轴承', list: [1, 2.5] });
      await vi.waitFor(() => expect(heard).toEqual([{ text: '轴承', list: [1, 2.5] }]), within);
      await expect(jobs.enqueue(type, { text: 1 } as never)).rejects.toThrow();
    });

    test('with a global concurrency of one, two processes never work at once and keep the order', async () => {
      const [a, b] = [await open(), await open()];
      const type = jobOf(z.object({ n: z.number() }));
      const done: number[] = [];
      let working = 0;
      let most = 0;
      for (const jobs of [a, b]) {
        jobs.work(
          type,
          async ({ n }) => {
            most = Math.max(most, ++working);
            await new Promise((resolve) => setImmediate(resolve));
            done.push(n);
            working--;
          },
          { concurrency: 4, globalConcurrency: 1 },
        );
      }
      const numbers = Array.from({ length: 60 }, (_, n) => n);
      await a.enqueueAll(
        type,
        numbers.map((n) => ({ n })),
      );
      await vi.waitFor(() => expect(done).toHaveLength(60), within);
      expect(most).toBe(1);
      expect(done).toEqual(numbers);
    });

    test('of equal ids one waits; what comes while it is worked on runs once more', async () => {
      const jobs = await open();
      const type = jobOf(z.object({ n: z.number() }));
      const heard: number[] = [];
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      jobs.work(type, async ({ n }) => {
        heard.push(n);
        if (n === 1) await held;
      });
      await jobs.enqueue(type, { n: 1 }, { id: 'same' });
      await vi.waitFor(() => expect(heard).toEqual([1]), within);
      await jobs.enqueue(type, { n: 2 }, { id: 'same' });
      await jobs.enqueue(type, { n: 3 }, { id: 'same' });
      release();
      await vi.waitFor(() => expect(heard).toEqual([1, 3]), within);
    });

    test('a handler that throws does not stop the others', async () => {
      const jobs = await open();
      const type = jobOf(z.object({ n: z.number() }));
      const heard: number[] = [];
      jobs.work(type, async ({ n }) => {
        if (n === 2) throw new Error('bad job');
        heard.push(n);
      });
      await jobs.enqueueAll(
        type,
        [1, 2, 3].map((n) => ({ n })),
      );
      await vi.waitFor(() => expect(heard).toEqual([1, 3]), within);
    });

    test('after the engine is wiped, what is enqueued again is worked on again', async () => {
      const jobs = await open();
      const type = jobOf(z.object({ n: z.number() }));
      const heard: number[] = [];
      jobs.work(type, async ({ n }) => void heard.push(n));
      await jobs.enqueue(type, { n: 1 });
      await vi.waitFor(() => expect(heard).toEqual([1]), within);
      await engine.wipe();
      await jobs.enqueue(type, { n: 2 });
      await vi.waitFor(() => expect(heard).toEqual([1, 2]), within);
    });
  });
}
