import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'
import replace from '@rollup/plugin-replace'
import typescript from '@rollup/plugin-typescript'

const { GATEWAY = '127.0.0.1:3001' } = process.env

export default {
  input: 'src/main.tsx',
  output: { dir: 'dist', format: 'es' },
  plugins: [
    replace({
      preventAssignment: true,
      values: {
        'process.env.NODE_ENV': JSON.stringify('production'),
        'process.env.GATEWAY': JSON.stringify(GATEWAY),
      },
    }),
    nodeResolve({ browser: true }),
    commonjs(),
    typescript(),
  ],
}
