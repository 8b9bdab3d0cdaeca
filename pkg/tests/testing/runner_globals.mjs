// By these Testing Library sets itself up where it is loaded after them, as in Jest. node:test has no globals.
import { after, afterEach, before } from 'node:test'

Object.assign(globalThis, { beforeAll: before, afterAll: after, afterEach })
