export { instantiate } from 'everwire:core-js'
