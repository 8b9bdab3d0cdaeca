import WSClient from 'everwire'

export async function connect(url) {
  const client = new WSClient({ url, token: () => 'a-token', firstRetryMs: 1, maxRetryMs: 1 })
  await client.open()
  return client
}
