/** Where the gateway listens, as `host:port`: the `?gateway=` of the page. */
export const gateway = new URLSearchParams(location.search).get('gateway') ?? '127.0.0.1:3001'

/** A token from the gateway's demo login. In your app: from your own login. */
export async function token() {
  const response = await fetch(`http://${gateway}/demo/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: 'alice' }),
  })
  const { accessToken } = await response.json()
  return accessToken
}
