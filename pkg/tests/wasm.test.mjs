import { describeBehaviour } from './behaviour.mjs'

describeBehaviour('wasm')
