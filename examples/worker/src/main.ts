import type { FromWorker } from './from-worker'

const worker = new Worker(new URL('./socket.ts', import.meta.url), { type: 'module' })
const output = document.querySelector('output')
const list = document.querySelector('ul')

worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
  if ('status' in data) return output?.replaceChildren(data.status)
  const item = document.createElement('li')
  item.textContent = data.title
  list?.append(item)
})
