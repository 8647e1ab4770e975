import { defineConfig } from 'vite';
import { sharedConfig } from '../vite.shared.ts';

// The viewer is one big file that others wrote; it puts styles into its own markup.
const shared = sharedConfig('http://127.0.0.1:7400', { inlineStyles: true });

export default defineConfig({
  ...shared,
  server: { proxy: { '/apis': process.env.TICKETING_GATEWAY_URL ?? 'http://127.0.0.1:7400' } },
  build: { ...shared.build, chunkSizeWarningLimit: 2000 },
});
