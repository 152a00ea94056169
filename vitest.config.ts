import { defineConfig } from 'vitest/config';

const SPANNING = ['test/system/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/browser/**/*.test.ts'];
// On CI's shared two cores a test that measures time is given one more chance; the report names it when it needed that.
const limits = { retry: process.env.CI === 'true' ? 1 : 0, testTimeout: 30_000, hookTimeout: 90_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/engines/setup.ts'],
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', ...SPANNING],
          ...limits,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They run the whole program, measure how it fares, and so want the machine to themselves.
        extends: true,
        test: {
          name: 'whole',
          include: SPANNING,
          fileParallelism: false,
          ...limits,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
