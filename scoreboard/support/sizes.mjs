import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { temporaryFolder } from '../../chaos/support/temporary.mjs'
import { inRoot } from '../../scripts/repository.mjs'

/** What an app imports of each, and what it brings itself. */
const IMPORTS = [
  { name: 'partysocket', code: `export { WebSocket } from 'partysocket'` },
  { name: 'reconnecting-websocket', code: `export { default } from 'reconnecting-websocket'` },
  { name: 'react-use-websocket', code: `export { default } from 'react-use-websocket'` },
  { name: 'graphql-ws', code: `export { createClient } from 'graphql-ws'` },
  { name: 'centrifuge', code: `export { Centrifuge } from 'centrifuge'` },
  { name: 'socket.io-client', code: `export { io } from 'socket.io-client'` },
  { name: 'phoenix', code: `export { Socket } from 'phoenix'` },
  { name: 'ably', code: `export { Realtime } from 'ably'` },
  {
    name: 'ably/modular',
    code: `export { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular'`,
  },
  { name: 'sockette', code: `export { default } from 'sockette'` },
  {
    name: 'rxjs',
    code: `export { defer, retry, switchMap } from 'rxjs'\nexport { webSocket } from 'rxjs/webSocket'`,
  },
]

/**
 * How large each client is, minified by esbuild and compressed: `{ name, minified, gzip, brotli }` in bytes. React is
 * not counted. Everwire has parts that are loaded later, each file compressed by itself.
 */
export async function sizes() {
  const all = [...(await everwireSizes()), ...(await sizesOfOthers())]
  return all.sort((one, other) => one.brotli - other.brotli)
}

/** Those of the other clients, in the same way. */
export async function sizesOfOthers() {
  const others = []
  for (const { name, code } of IMPORTS) others.push(sum(name, Object.values(await bundle(code))))
  return others
}

async function everwireSizes() {
  const files = Object.entries(await bundle(`export { default } from 'everwire'`))
  const without = (...later) => {
    const some = files.filter(([file]) => !later.some((name) => file.startsWith(name)))
    return some.map(([, text]) => text)
  }
  return [
    sum('everwire, before `open()`', without('core-wasm', 'core-js')),
    sum('everwire, after `open()`', without('core-js')),
    sum('everwire, all of it: with the JavaScript for where WebAssembly is forbidden', without()),
  ]
}

function sum(name, texts) {
  const total = (measure) => texts.reduce((bytes, text) => bytes + measure(text), 0)
  return {
    name,
    minified: total((text) => Buffer.byteLength(text)),
    gzip: total((text) => gzipSync(text, { level: 9 }).length),
    brotli: total((text) => brotliCompressSync(text).length),
  }
}

/** The files of a bundle by their names, as text. */
async function bundle(code) {
  const { path: folder, remove } = temporaryFolder('scoreboard-size')
  try {
    const out = join(folder, 'out')
    mkdirSync(out)
    await build({
      stdin: { contents: code, resolveDir: inRoot('scoreboard'), sourcefile: 'entry.js' },
      entryNames: 'entry',
      outdir: out,
      bundle: true,
      minify: true,
      format: 'esm',
      splitting: true,
      external: ['react', 'react-dom'],
      legalComments: 'none',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'error',
    })
    return Object.fromEntries(readdirSync(out).map((file) => [file, readFileSync(join(out, file), 'utf8')]))
  } finally {
    remove()
  }
}
