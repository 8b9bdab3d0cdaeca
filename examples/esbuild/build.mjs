import { build } from 'esbuild'

const { GATEWAY = '127.0.0.1:3001' } = process.env

await build({
  entryPoints: ['src/main.tsx'],
  outdir: 'dist',
  bundle: true,
  // The core becomes a file of its own, loaded by the first open().
  splitting: true,
  format: 'esm',
  jsx: 'automatic',
  minify: true,
  define: { 'process.env.GATEWAY': JSON.stringify(GATEWAY) },
})
