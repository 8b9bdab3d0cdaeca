import { defineConfig } from 'vite'

// Vite builds workers as one classic script if not told otherwise; the core is a file of its own.
export default defineConfig({ worker: { format: 'es' } })
