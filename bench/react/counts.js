/**
 * What the page counts: frames that were painted, renders of the component that shows the messages, how many messages
 * it shows, and since when, as `Date.now()`.
 */
export const counts = (window.counts = { frames: 0, renders: 0, shown: 0, shownAt: Date.now() })

/** Once per frame. */
export function countFrames() {
  counts.frames += 1
  const shown = Number(document.getElementById('count')?.textContent)
  if (shown > counts.shown) {
    counts.shown = shown
    counts.shownAt = Date.now()
  }
  requestAnimationFrame(countFrames)
}
