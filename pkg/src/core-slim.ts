export { engineFrom as load } from './engine.js'
