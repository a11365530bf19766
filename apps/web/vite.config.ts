import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `vite apps/web` finds the services during development. */
const server = process.env['QUARRY_DEV_SERVER'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // The content policy allows data: for images only; everything else must be a file.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      '/api': { target: server },
      '/live': { target: server, ws: true },
    },
  },
})
