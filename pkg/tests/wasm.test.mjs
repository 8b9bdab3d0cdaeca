import { describeBehaviour } from './behaviour.mjs'

// As in jest's jsdom environment, which has neither.
delete globalThis.TextDecoder
delete globalThis.TextEncoder

describeBehaviour('wasm')
