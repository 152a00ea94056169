import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: { outDir: '../dist', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // `npx vite console/web` beside a running Faultline: the page reloads as it is written.
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
