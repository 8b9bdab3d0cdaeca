/** What a page holds after a garbage collection, in bytes: JavaScript's heap and the browser's, WebAssembly's memory. */
export async function memoryOf(page) {
  await page.send('HeapProfiler.enable')
  // The second one collects what the first one's finalizers let go of.
  for (let round = 0; round < 2; round += 1) await page.send('HeapProfiler.collectGarbage')
  const { usedSize, embedderHeapUsedSize } = await page.send('Runtime.getHeapUsage')
  return { heapBytes: usedSize + embedderHeapUsedSize, wasmBytes: await wasmBytesOf(page) }
}

/** Of all memories of WebAssembly in the page, wherever they are kept. */
async function wasmBytesOf(page) {
  const { result } = await page.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' })
  const { objects } = await page.send('Runtime.queryObjects', { prototypeObjectId: result.objectId })
  const sum = await page.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.reduce((sum, it) => sum + it.buffer.byteLength, 0) }',
    returnByValue: true,
  })
  for (const { objectId } of [result, objects]) await page.send('Runtime.releaseObject', { objectId })
  return sum.result.value
}
