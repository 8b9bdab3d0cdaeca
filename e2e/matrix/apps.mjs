// The table of the apps in examples/ that the matrix tries. To add an app, add its folder and a row.
//
//   id        the folder in examples/
//   tool      what builds or runs it, and the npm package whose version the table shows
//   version   shown where the tool is no npm package
//   gateway   the environment variable that tells it the gateway's address; without one, the page's ?gateway=
//   trials    the ways in which it is run, each a row of the table; see trials.mjs
import { builtPage, program, servedPage, staticPage, testRun } from './trials.mjs'

export const apps = [
  {
    id: 'vite-react-19',
    tool: ['Vite', 'vite'],
    gateway: 'VITE_GATEWAY',
    trials: [
      builtPage({ folder: 'dist' }),
      servedPage({ how: 'dev server', script: 'dev', args: (port) => ['--port', port, '--strictPort'] }),
    ],
  },
  {
    id: 'vite-react-18',
    tool: ['Vite', 'vite'],
    gateway: 'VITE_GATEWAY',
    trials: [builtPage({ folder: 'dist' })],
  },
  {
    id: 'next',
    tool: ['Next.js (Turbopack)', 'next'],
    gateway: 'NEXT_PUBLIC_GATEWAY',
    trials: [
      servedPage({ how: 'built, server-rendered', build: 'build', script: 'start', ...next() }),
      servedPage({ how: 'dev server, server-rendered', script: 'dev', ...next() }),
    ],
  },
  {
    id: 'webpack',
    tool: ['webpack', 'webpack'],
    gateway: 'GATEWAY',
    trials: [builtPage({ folder: 'dist' })],
  },
  {
    id: 'react-scripts',
    tool: ['create-react-app', 'react-scripts'],
    gateway: 'REACT_APP_GATEWAY',
    trials: [builtPage({ folder: 'build' }), testRun({ how: 'its Jest 27, jsdom' })],
  },
  { id: 'rollup', tool: ['Rollup', 'rollup'], gateway: 'GATEWAY', trials: [builtPage({ folder: '.' })] },
  { id: 'esbuild', tool: ['esbuild', 'esbuild'], gateway: 'GATEWAY', trials: [builtPage({ folder: '.' })] },
  { id: 'parcel', tool: ['Parcel', 'parcel'], gateway: 'GATEWAY', trials: [builtPage({ folder: 'dist' })] },
  { id: 'plain', tool: ['no bundler'], trials: [staticPage({ folder: '.' })] },
  {
    id: 'worker',
    tool: ['Vite, in a module worker', 'vite'],
    gateway: 'VITE_GATEWAY',
    trials: [builtPage({ folder: 'dist' })],
  },
  {
    id: 'node',
    tool: ['Node, with ws'],
    version: process.versions.node,
    gateway: 'GATEWAY',
    trials: [
      program({ how: 'ES module', script: 'start' }),
      program({ how: 'CommonJS', script: 'start:cjs' }),
    ],
  },
  { id: 'vitest', tool: ['Vitest', 'vitest'], trials: [testRun({ how: 'jsdom' })] },
  { id: 'jest', tool: ['Jest', 'jest'], trials: [testRun({ how: 'jsdom' })] },
]

function next() {
  return { args: (port) => ['--port', port], isServerRendered: true }
}
