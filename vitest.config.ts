import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // whose homes are the tester's own is not remembered beyond the tests
    env: { TZ: 'UTC', NO_COLOR: '1', XDG_STATE_HOME: join(tmpdir(), 'joulemark-test-state') },
    maxWorkers: 2,
  },
});
