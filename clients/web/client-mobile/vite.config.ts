import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { sharedConfig } from '../vite.shared.ts';
import { icon } from './scripts/icons.mjs';

const kPublic = join(import.meta.dirname, 'public');

function icons(): Plugin {
  return {
    name: 'icons',
    apply: 'build',
    generateBundle() {
      const files: [string, Buffer][] = [
        ['icons/icon-180.png', icon(180, true)],
        ['icons/icon-192.png', icon(192, false)],
        ['icons/icon-512.png', icon(512, false)],
        ['icons/icon-maskable-512.png', icon(512, true)],
      ];
      for (const [fileName, source] of files) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

/** Tells the service worker which files the app has, under a version made of their contents. */
function shellList(): Plugin {
  return {
    name: 'shell-list',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const worker = bundle['sw.js'];
        if (worker?.type !== 'chunk') throw new Error('the build made no sw.js');
        const hash = createHash('sha256').update(worker.code);
        const built = Object.values(bundle).filter((file) => file !== worker && !file.fileName.endsWith('.html'));
        const kept = readdirSync(kPublic);
        for (const file of Object.values(bundle)) hash.update(file.type === 'chunk' ? file.code : file.source);
        for (const name of kept) hash.update(readFileSync(join(kPublic, name)));
        // Fonts of scripts that a page does not use are left to the network.
        const needed = built.map((file) => file.fileName).filter((name) => !name.endsWith('.woff2') || name.includes('inter-latin-wght'));
        const shell = { version: hash.digest('hex').slice(0, 16), files: ['./', ...needed, ...kept] };
        worker.code = `const __SHELL__ = ${JSON.stringify(shell)};\n${worker.code}`;
      },
    },
  };
}

const shared = sharedConfig('http://127.0.0.1:7403', { plugins: [icons(), shellList()] });

export default defineConfig({
  ...shared,
  build: {
    ...shared.build,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw/sw.ts' },
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
});
