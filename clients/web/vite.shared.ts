import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';

interface SharedOptions {
  plugins?: Plugin[];
  /** Only for the code of others that cannot do without. */
  inlineStyles?: boolean;
}

/** Nothing inline, nothing from elsewhere. The server's header may say the same; the page does not depend on it. */
function policyOf(inlineStyles: boolean): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    inlineStyles ? "style-src 'self' 'unsafe-inline'" : "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
  ].join('; ');
}

/** Only in what is built: the development server needs inline scripts of its own. */
function contentSecurityPolicy(policy: string): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
    ],
  };
}

/** What the three clients have in common. `gateway` is where the development server finds the API. */
export function sharedConfig(gateway: string, { plugins = [], inlineStyles = false }: SharedOptions = {}): UserConfig {
  return {
    base: './',
    plugins: [react(), contentSecurityPolicy(policyOf(inlineStyles)), ...plugins],
    server: { proxy: { '/v1': { target: process.env.TICKETING_GATEWAY_URL ?? gateway, changeOrigin: false } } },
    build: {
      target: 'es2022',
      outDir: 'dist',
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
}
