import { describeBehaviour } from './behaviour.mjs'

// As in a browser without it (iOS in Lockdown Mode). How a Content-Security-Policy forbids it is tested in e2e/.
delete globalThis.WebAssembly

describeBehaviour('js')
