import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { firstLoad } from './first-load.ts'
import { packedFiles } from './packed-files.ts'

/** Where `vite apps/web` finds the services during development. */
const server = process.env['QUARRY_DEV_SERVER'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), firstLoad(200_000), packedFiles()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // The content policy allows data: for images only; everything else must be a file.
    assetsInlineLimit: 0,
    // What every page starts with comes in one piece: it is asked for once and packs better.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'start', tags: ['$initial'], test: /node_modules|libs|src\/(app|features|http|ui)/ }],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: server },
      '/live': { target: server, ws: true },
    },
  },
})
