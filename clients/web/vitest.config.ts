import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A test that needs a page says so in its first line.
    environment: 'node',
    include: ['*/test/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
