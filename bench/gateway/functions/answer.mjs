/** What a message is answered with: itself. */
export function answerTo({ body }) {
  const message = JSON.parse(body)
  return JSON.stringify({ action: 'echo', id: message.id, message })
}
