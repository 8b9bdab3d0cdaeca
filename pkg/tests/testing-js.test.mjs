import { describeTesting } from './testing/all.mjs'

delete globalThis.WebAssembly

describeTesting('js')
