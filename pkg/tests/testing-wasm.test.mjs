import { describeTesting } from './testing/all.mjs'

describeTesting('wasm')
